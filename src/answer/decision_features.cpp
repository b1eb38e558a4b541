#include "answer/decision_features.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "base/code_points.h"
#include "base/unicode.h"

namespace saerok {
namespace {

using namespace chars;

using Words = std::span<const std::string_view>;

// The lists hold what people say to any assistant, collected from half of examples/conversations and
// from everyday use. English entries match whole words, Korean ones the beginning of a word.

constexpr std::string_view kQuestionWords[] = {
    "what", "what's", "whats", "when", "where", "who", "whose", "whom", "why", "how", "which",
    "뭐", "뭘", "뭔", "뭣", "무엇", "무슨", "언제", "어디", "어딘", "누구", "누가", "왜", "어떻게",
    "어떡", "어떤", "어느", "얼마", "몇", "며칠", "어때", "어땠"};
constexpr std::string_view kQuestionStarts[] = {
    "did", "do", "does", "is", "are", "was", "were", "can", "could", "should", "will", "would",
    "has", "have", "had", "what", "what's", "when", "where", "who", "why", "how", "which",
    "and", "any"};
constexpr std::string_view kQuestionEnds[] = {
    "나요", "까요", "니까", "는가", "은가", "인가", "은가요", "인가요", "가요", "던가", "더라", "더라고",
    "었지", "았지", "했지", "였지", "댔지", "하지", "이지", "되지", "나", "냐", "니", "까", "래",
    "는데", "건데", "은데", "인데", "던데", "죠", "지", "고", "는", "은", "엔", "에는", "야", "래요"};
constexpr std::string_view kAsksToFind[] = {
    "알려", "알고 싶", "찾아", "설명", "궁금", "방법", "까닭", "이유", "차이", "정리해", "보여",
    "말해줘", "말해 줘", "가르쳐", "뜻", "원인", "종류", "특징", "과정", "역할", "의미", "영향", "대해",
    "관해", "없애는 법", "하는 법", "는 법",
    "find", "show", "explain", "tell me about", "tell me how", "tell me what", "tell me why",
    "look up", "how to", "list", "difference", "steps", "reason", "causes", "define", "describe",
    "remind me", "search", "where's", "give me the", "undo", "fix"};
constexpr std::string_view kAsksOfPast[] = {
    "기억나", "적었", "적어 둔", "적어둔", "적어 놓", "적어놓", "써 놨", "써놨", "기록", "정했", "샀",
    "했더라", "였더라", "더라", "었지", "했지", "댔지", "었나", "했나", "었더라", "예정", "작년", "지난",
    "did i", "did we", "do i", "have i", "had i", "was i", "did he", "did she", "did they",
    "i wrote", "i write", "i put", "i said", "i noted", "we decide", "we decided", "i paid",
    "i pay", "i bought", "i buy", "again", "do we", "my", "i've", "last time", "we agreed"};
constexpr std::string_view kNamesNotes[] = {
    "노트", "메모", "일기", "기록", "문서", "회의록", "가계부",
    "notes", "note", "my notes", "diary", "journal", "wrote down", "noted"};
constexpr std::string_view kStatementEnds[] = {
    "다", "네", "네요", "어요", "아요", "었어", "았어", "했어", "겠어", "음", "함", "임", "잖아",
    "거든", "거야", "것 같아", "것 같다", "싶다", "싶어", "군", "구나", "서요", "자", "었다", "졌어",
    "갔어", "왔어", "였어", "라구", "답니다", "습니다", "더라고", "더라고요", "좋더라", "싫어", "게"};
constexpr std::string_view kStatementStarts[] = {
    "i'm", "im", "i am", "i had", "i hate", "i love", "i feel", "i lost", "i bombed", "i just",
    "i think", "i guess", "i can't", "i got", "i finally", "i spent", "i like", "i wish", "i need a",
    "the", "my", "it's", "its", "that's", "that is", "this is", "honestly", "nothing", "oh", "ah",
    "well", "yes", "no", "nope", "yeah", "haha", "ok", "okay", "so", "today", "we", "ugh", "a", "he",
    "she", "you're", "friday", "monday"};
constexpr std::string_view kGreetings[] = {
    "안녕", "하이", "헬로", "반가", "반갑", "여보세요", "좋은 아침", "좋은 저녁", "좋은 하루", "굿모닝",
    "오랜만", "처음 뵙", "계세요", "나 왔어", "왔어요", "저 왔",
    "hi", "hello", "hey", "good morning", "good afternoon", "good evening", "greetings", "howdy",
    "what's up", "how are you", "how's it going", "nice to meet", "anyone there", "are you there",
    "it's me", "hiya", "yo"};
constexpr std::string_view kThanks[] = {
    "고마", "고맙", "감사", "ㄱㅅ", "땡큐", "덕분", "수고",
    "thanks", "thank", "thx", "ty", "cheers", "ta", "much appreciated", "appreciate it",
    "saved me", "that helps", "that helped", "great help"};
constexpr std::string_view kGoodbyes[] = {
    "잘 자", "잘자", "안녕히", "이만", "나가 볼게", "다음에 봐", "내일 봐", "또 올게", "가 볼게", "자러",
    "들어가", "바이", "또 봐", "나중에 봐",
    "bye", "goodbye", "good night", "goodnight", "see you", "see ya", "talk tomorrow",
    "talk later", "off to bed", "that's all", "that is all", "gotta go", "take care", "signing off",
    "until tomorrow", "later"};
constexpr std::string_view kEmotions[] = {
    "우울", "슬프", "슬퍼", "속상", "힘들", "지쳤", "지친", "피곤", "짜증", "화나", "화가", "기뻐", "기쁘",
    "행복", "신나", "신난", "외로", "무서", "무섭", "불안", "걱정", "설레", "설렌", "답답", "미치겠",
    "죽는 줄", "죽겠", "흑흑", "재미가 없", "재미없", "정신이 하나", "정신없", "눈물", "울고", "망했",
    "망해", "망쳤", "떨려", "떨린", "자랑", "괜히", "억울", "창피", "부끄", "그립", "그리워", "서운",
    "스트레스", "머리가 터", "위로", "뿌듯", "후회", "실망",
    "tired", "sad", "happy", "upset", "angry", "nervous", "awful", "hate", "love", "lonely",
    "excited", "worried", "anxious", "stressed", "exhausted", "depressed", "bombed", "miserable",
    "terrible", "fed up", "can't stand", "feel", "feeling", "cry", "crying", "proud", "scared",
    "afraid", "argh", "ugh", "sigh", "soup", "what a morning", "what a day", "miss", "heartbroken",
    "annoyed", "frustrated", "overwhelmed", "thrilled", "embarrassed", "sick of", "rough day"};
constexpr std::string_view kLaughter[] = {"ㅋ", "ㅎㅎ", "ㅠ", "ㅜ", "ㅡㅡ", "ㅇㅇ", "ㄷㄷ", "lol", "haha",
                                          "hehe", "lmao", "wow", ":)", ":("};
constexpr std::string_view kAboutAssistant[] = {
    "너", "넌", "넌데", "널", "네가", "니가", "너는", "너도", "너랑", "너의", "당신", "챗봇", "인공지능",
    "로봇", "컴퓨터들", "뭐 할 줄", "할 줄 알아", "누가 만들", "몇 살이야", "이름이 뭐", "이름은 뭐",
    "보내지는", "어떤 애", "사람이야", "진짜 사람", "좋아하는 음식", "좋아하는 색", "쓸 줄 아",
    "are you", "do you", "can you do", "who built you", "who made you", "your name", "you a",
    "could you be", "were you", "you ever", "what can you", "you work", "trained", "you send",
    "chatbot", "what are you", "your favourite", "your favorite", "you remember", "you better",
    "about you", "about yourself", "you real", "you know about me", "can you change",
    "can you delete", "can you read", "can you see", "can you learn", "can you hear"};
constexpr std::string_view kCreative[] = {
    "농담", "웃긴", "웃겨", "시 써", "시 한", "시를", "소설", "동화", "노래", "가사", "끝말잇기", "게임",
    "스무고개", "퀴즈", "지어 줘", "지어줘", "지어 봐", "써 줘", "써줘", "써 봐", "써봐", "의인화",
    "역할", "삼행시", "문자", "인사말", "편지", "축하", "흉내", "상상", "만들어 봐",
    "joke", "poem", "limerick", "haiku", "story", "song", "game", "play", "pretend", "imagine",
    "draft", "write a", "write me", "make up", "riddle", "rhyme", "twenty questions", "word chain",
    "apology", "birthday message", "slogan", "toast to", "greet me", "help me word", "come up with"};
constexpr std::string_view kGivenText[] = {
    "번역", "맞춤법", "고쳐 줘", "고쳐줘", "옮겨", "요약해", "줄여", "다듬어", "바꿔 줘", "바꿔줘",
    "영어로", "우리말로", "한국어로", "높임말로", "존댓말로", "격식",
    "translate", "correct", "proofread", "shorten", "rephrase", "rewrite", "reword", "paraphrase",
    "summarise this", "summarize this", "in korean", "in english", "make this", "fix the grammar",
    "more polite", "more formal", "into korean", "into english"};
constexpr std::string_view kLastAnswer[] = {
    "다시 말", "다시 해", "다시 써", "방금 한", "방금 말", "방금 뭐", "더 짧게", "짧게", "쉽게", "한 줄로",
    "한 문장", "번호 매겨", "목록으로", "표로", "반말로", "존댓말로", "길게", "천천히", "아까 한 말",
    "내가 뭐라고", "내 질문", "마지막 답", "네 답", "진짜야", "확실해", "곧이네",
    "say that again", "say it again", "repeat", "shorter", "simpler", "one sentence",
    "two sentences", "bullet", "as a list", "as a table", "your last", "your answer",
    "what was my question", "my question", "in other words", "put that in", "more slowly",
    "are you sure", "that's soon", "sentences"};
constexpr std::string_view kFeedback[] = {
    "맞아", "그거야", "바로 그거", "틀렸", "아닌데", "잘했", "잘한다", "똑똑", "별로", "말투", "친절",
    "최고", "대단", "역시", "좋네", "빠르네", "쓸모", "편하게 말", "딱딱",
    "exactly", "well done", "good job", "nice work", "you're getting", "that's right",
    "that's wrong", "not helpful", "useless", "brilliant", "perfect", "from now on", "keep it",
    "stop", "great answer", "clever", "amazing", "not what i", "too long", "be more"};
constexpr std::string_view kArithmetic[] = {"곱하기", "더하기", "빼기", "나누기", "퍼센트는", "times",
                                            "plus", "minus", "divided by", "% of", "squared"};
constexpr std::string_view kSmallTalk[] = {
    "심심", "배고", "배불", "졸려", "졸리", "날씨 진짜", "날씨 좋", "점심", "저녁 뭐", "퇴근", "출근",
    "주말", "불금", "월요일", "그냥 그랬", "나가고 싶", "먹고 싶", "먹어야 제맛", "여름이 좋", "재밌",
    "얘기하", "아 맞다", "맙소사", "헐", "대박", "진짜", "하루",
    "bored", "hungry", "sleepy", "weekend", "mondays", "lunch", "nothing special", "say something",
    "ok", "okay", "lol", "lovely day", "nice day", "weather", "oh no", "ah well", "can't wait",
    "soon enough", "nothing beats", "just landed", "i forgot", "summer or winter",
    "cats or dogs", "tea or coffee", "good kind of", "old news", "you like"};

constexpr std::string_view kPointing =
    "that this it there here those these one ones thing things other second first third last next "
    "previous time again happen happened work works get got go did done doing do number his her "
    "their him them he she they much many long far more same else so then not no yes hmm uh um "
    "important note question something anything some any put mean say said tell show find look "
    "이거 그거 저거 이것 그것 저것 이게 그게 저게 거기 여기 저기 그때 이때 걔 쟤 얘 그쪽 이쪽 그런 이런 저런 "
    "그렇게 이렇게 저번 저번에 지난번 지난번에 아까 방금 번째 첫 두 세 둘 셋 하나 중 나아 낫다 걸로 거 것 게 "
    "말 말한 얘기 말해 찾아 찾아봐 찾아줘 알려 부탁 부탁드려요 요약 번역 고쳐 다시 해 해봐 해줘 줘 봐 되다 됐어 "
    "어떻게 됐어 안 돼 왜 가 가다 응 네 아니 음 어 좀 며칠 며칠까지 얼마 얼마야 몇 도 도로 맞추다 맞춰야 "
    "있잖아 있잖아요 다른 같은 그럼 근데 그리고 또 물어볼 질문 뭐 뭐라고";

bool is_word_char(char32_t c) { return !is_space(c) && !is_punctuation(c); }

/// The turn in one case and with single blanks, with a blank at either end.
std::string normalised(std::string_view text) {
  std::string out = " ";
  for (const char c : fold_case(to_nfc(text))) {
    const bool is_blank = is_ascii_space(c);
    if (is_blank && out.back() == ' ') continue;
    out += is_blank ? ' ' : c;
  }
  if (out.back() != ' ') out += ' ';
  return out;
}

/// Whether the phrase stands in a normalised text: an English one as whole words, a Korean one at
/// the beginning of a word. One that begins with a sign or a lone letter of Hangul may stand
/// anywhere.
bool says(const std::string& text, std::string_view phrase) {
  const CodePoint first = code_point_at(phrase, 0);
  const bool is_jamo = first.value >= 0x3130 && first.value <= 0x318F;
  const bool is_anywhere = is_jamo || is_punctuation(first.value);
  const bool is_english = is_ascii_letter(phrase.front()) || is_ascii_letter(phrase.back());
  for (std::size_t at = text.find(phrase); at != std::string::npos; at = text.find(phrase, at + 1)) {
    if (is_anywhere && !is_english) return true;
    const CodePoint before = code_point_at(text, code_point_before(text, at));
    const std::size_t end = at + phrase.size();
    const bool is_start = !is_word_char(before.value) || is_anywhere;
    const bool is_end = !is_english || !is_word_char(code_point_at(text, end).value);
    if (is_start && is_end) return true;
  }
  return false;
}

float says_any(const std::string& text, Words words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return says(text, word); })
             ? 1.0f
             : 0.0f;
}

/// The turn without what often stands around a sentence: signs, laughter, interjections.
std::string_view bare(const std::string& text) {
  std::string_view rest = text;
  const auto is_noise = [](char32_t c) {
    return is_space(c) || is_punctuation(c) || (c >= 0x3130 && c <= 0x318F) || c == '~';
  };
  while (!rest.empty() && is_noise(code_point_at(rest, code_point_before(rest, rest.size())).value)) {
    rest = rest.substr(0, code_point_before(rest, rest.size()));
  }
  while (!rest.empty() && is_noise(code_point_at(rest, 0).value)) {
    rest = rest.substr(code_point_at(rest, 0).size);
  }
  return rest;
}

float ends_with_any(const std::string& text, Words ends) {
  const std::string_view rest = bare(text);
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return rest.ends_with(end); })
             ? 1.0f
             : 0.0f;
}

float starts_with_any(const std::string& text, Words starts) {
  const std::string_view rest = bare(text);
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) {
                       return rest.starts_with(start) &&
                              (rest.size() == start.size() || rest[start.size()] == ' ');
                     })
             ? 1.0f
             : 0.0f;
}

/// Two numbers and hardly anything else, or words of sums.
float asks_for_sum(const std::string& text) {
  std::size_t numbers = 0, signs = 0;
  bool in_number = false;
  for (const char c : text) {
    const bool is_digit = is_ascii_digit(c);
    if (is_digit && !in_number) ++numbers;
    in_number = is_digit || (in_number && (c == '.' || c == ','));
    if (c == '+' || c == '*' || c == '/' || c == '=' || c == '%') ++signs;
  }
  const bool has_words = says_any(text, kArithmetic) > 0;
  return (numbers >= 2 && (has_words || signs > 0)) || (numbers >= 1 && has_words) ? 1.0f : 0.0f;
}

/// A text to work on: quoted, or long after a colon.
bool gives_text(const std::string& text) {
  const bool is_quoted = std::count(text.begin(), text.end(), '"') >= 2 ||
                         text.find("“") != std::string::npos ||
                         text.find("「") != std::string::npos || says(text, "'");
  const std::size_t colon = text.find(": ");
  return is_quoted || (colon != std::string::npos && text.size() - colon > 12);
}

constexpr std::string_view kNames[kDecisionFeatureCount] = {
    "question mark", "question word", "form of a question", "asks to find", "asks of the past",
    "names notes", "form of a statement", "greeting", "thanks", "goodbye", "emotion", "laughter",
    "about the assistant", "asks to make something up", "works on a given text",
    "about the last answer", "praise or blame", "arithmetic", "small talk", "content words",
    "said by the best first hit", "words that the collection holds", "follows a topic",
    "short and follows a topic"};

}  // namespace

std::string_view name_of(DecisionFeature feature) {
  return kNames[static_cast<std::size_t>(feature)];
}

bool is_courtesy(std::string_view turn) {
  const std::string text = normalised(turn);
  return says_any(text, kGreetings) + says_any(text, kThanks) + says_any(text, kGoodbyes) > 0;
}

std::string_view pointing_words() { return kPointing; }

DecisionFeatures decision_features(const Conversation& conversation, const FirstSearch& found,
                                   bool has_topic) {
  using enum DecisionFeature;
  const std::string text = normalised(conversation.back().content);
  const bool is_answered = conversation.size() > 1;
  DecisionFeatures features{};
  const auto set = [&](DecisionFeature feature, float value) {
    features[static_cast<std::size_t>(feature)] = value;
  };
  const bool has_mark =
      text.find('?') != std::string::npos || text.find("？") != std::string::npos;
  set(question_mark, has_mark ? 1.0f : 0.0f);
  set(question_word, says_any(text, kQuestionWords));
  set(question_form, std::max(ends_with_any(text, kQuestionEnds),
                              starts_with_any(text, kQuestionStarts)));
  set(asks_to_find, says_any(text, kAsksToFind));
  set(asks_of_past, std::max(says_any(text, kAsksOfPast), ends_with_any(text, kAsksOfPast)));
  set(names_notes, says_any(text, kNamesNotes));
  set(statement, std::max(ends_with_any(text, kStatementEnds),
                          starts_with_any(text, kStatementStarts)) *
                     (has_mark ? 0.0f : 1.0f));
  set(greeting, says_any(text, kGreetings));
  set(thanks, says_any(text, kThanks));
  set(goodbye, says_any(text, kGoodbyes));
  set(emotion, says_any(text, kEmotions));
  set(laughter, says_any(text, kLaughter));
  set(about_assistant, says_any(text, kAboutAssistant));
  set(creative, says_any(text, kCreative));
  set(given_text, says_any(text, kGivenText) * (gives_text(text) ? 1.0f : 0.5f));
  set(last_answer, says_any(text, kLastAnswer) * (is_answered ? 1.0f : 0.5f));
  set(feedback, says_any(text, kFeedback));
  set(arithmetic, asks_for_sum(text));
  set(small_talk, says_any(text, kSmallTalk));
  set(content_words, std::min(1.0f, static_cast<float>(found.content_words) / 8));
  set(coverage, found.coverage);
  set(known_words, found.known_words);
  set(follows, has_topic ? 1.0f : 0.0f);
  const auto blanks = std::count(text.begin(), text.end(), ' ');
  set(short_follow_up, has_topic && blanks <= 4 ? 1.0f : 0.0f);
  return features;
}

}  // namespace saerok
