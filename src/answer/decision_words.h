/// The words by which the gate of `saerok ask` tells a question for the notes from talk. What this
/// is not: the reading of a turn (decision_features.cpp), or what each sign weighs (decision.cpp).
#pragma once

#include <string_view>

namespace saerok {

// The lists hold what people say to any assistant, collected from half of examples/conversations
// and from everyday use. English entries match whole words, Korean ones the beginning of a word.

// clang-format off: one word to a line hides what the lists hold.

inline constexpr std::string_view kQuestionWords[] = {
    "what", "what's", "whats", "when", "where", "who", "whose", "whom", "why", "how", "which",
    "뭐", "뭘", "뭔", "뭣", "무엇", "무슨", "언제", "어디", "어딘", "누구", "누가", "왜", "어떻게", "어떡", "어떤", "어느",
    "얼마", "몇", "며칠", "어때", "어땠"};
inline constexpr std::string_view kQuestionStarts[] = {
    "did", "do", "does", "is", "are", "was", "were", "can", "could", "should", "will", "would",
    "has", "have", "had", "what", "what's", "when", "where", "who", "why", "how", "which", "and",
    "any"};
inline constexpr std::string_view kQuestionEnds[] = {
    "나요", "까요", "니까", "는가", "은가", "인가", "은가요", "인가요", "가요", "던가", "더라", "더라고", "었지", "았지", "했지",
    "였지", "댔지", "하지", "이지", "되지", "나", "냐", "니", "까", "래", "는데", "건데", "은데", "인데", "던데", "죠", "지",
    "고", "는", "은", "엔", "에는", "야", "래요"};
inline constexpr std::string_view kAsksToFind[] = {
    "알려", "알고 싶", "찾아", "설명", "궁금", "방법", "까닭", "이유", "차이", "정리해", "보여", "말해줘", "말해 줘", "가르쳐",
    "뜻", "원인", "종류", "특징", "과정", "역할", "의미", "영향", "대해", "나열", "비교", "예를 들", "관해", "없애는 법",
    "하는 법", "는 법", "find", "show", "explain", "tell me about", "tell me how", "tell me what", "tell me why", "look up",
    "how to", "list", "difference", "steps", "reason", "causes", "define", "describe",
    "remind me", "search", "where's", "give me the", "undo", "fix"};
inline constexpr std::string_view kAsksOfPast[] = {
    "기억나", "적었", "적어 둔", "적어둔", "적어 놓", "적어놓", "써 놨", "써놨", "기록", "정했", "샀", "했더라", "였더라", "더라",
    "었지", "했지", "댔지", "었나", "했나", "었더라", "예정", "작년", "지난", "did i", "did we", "do i", "have i",
    "had i", "was i", "did he", "did she", "did they", "i wrote", "i write", "i put", "i said",
    "i noted", "we decide", "we decided", "i paid", "i pay", "i bought", "i buy", "again",
    "do we", "my", "i've", "last time", "we agreed"};
inline constexpr std::string_view kNamesNotes[] = {
    "노트", "메모", "일기", "기록", "문서", "회의록", "가계부", "notes", "note", "my notes", "diary", "journal",
    "wrote down", "noted"};
inline constexpr std::string_view kStatementEnds[] = {
    "다", "네", "네요", "어요", "아요", "었어", "았어", "했어", "겠어", "음", "함", "임", "잖아", "거든", "거야", "것 같아",
    "것 같다", "싶다", "싶어", "군", "구나", "서요", "자", "었다", "졌어", "갔어", "왔어", "였어", "라구", "답니다", "습니다",
    "더라고", "더라고요", "좋더라", "싫어", "게"};
inline constexpr std::string_view kStatementStarts[] = {
    "i'm", "im", "i am", "i had", "i hate", "i love", "i feel", "i lost", "i bombed", "i just",
    "i think", "i guess", "i can't", "i got", "i finally", "i spent", "i like", "i wish",
    "i need a", "the", "my", "it's", "its", "that's", "that is", "this is", "honestly", "nothing",
    "oh", "ah", "well", "yes", "no", "nope", "yeah", "haha", "ok", "okay", "so", "today", "we",
    "ugh", "a", "he", "she", "you're", "friday", "monday"};
inline constexpr std::string_view kGreetings[] = {
    "안녕", "하이", "헬로", "반가", "반갑", "여보세요", "좋은 아침", "좋은 저녁", "좋은 하루", "굿모닝", "오랜만", "처음 뵙", "계세요",
    "나 왔어", "왔어요", "저 왔", "hi", "hello", "hey", "good morning", "good afternoon", "good evening",
    "greetings", "howdy", "what's up", "how are you", "how's it going", "nice to meet",
    "anyone there", "are you there", "it's me", "hiya", "yo", "하잉", "헤이", "방가", "굿 모닝", "잘 잤",
    "잘 지냈", "별일 없", "뭐 해", "뭐해", "거기 있", "있니", "돌아왔", "다녀왔", "또 왔", "접니다", "나야", "morning",
    "evening", "afternoon", "sup", "wassup", "yo yo", "hullo", "hola", "bonjour", "good day",
    "hi there", "long time", "i'm back", "back again", "you there", "anybody home", "knock knock",
    "testing", "happy monday", "happy friday", "how have you been", "how do you do",
    "how's your day"};
inline constexpr std::string_view kThanks[] = {
    "고마", "고맙", "감사", "ㄱㅅ", "땡큐", "덕분", "수고", "thanks", "thank", "thx", "ty", "cheers", "ta",
    "much appreciated", "appreciate it", "saved me", "that helps", "that helped", "great help",
    "고맙다", "잘 봤", "잘 썼", "살았다", "큰 도움", "도움 됐", "도움이 됐", "최고야", "은인", "thankyou", "tysm",
    "bless you", "lifesaver", "you're the best", "legend", "much obliged", "very kind",
    "that was quick", "that worked", "just what i needed", "helped a lot", "so helpful",
    "grateful"};
inline constexpr std::string_view kGoodbyes[] = {
    "잘 자", "잘자", "안녕히", "이만", "나가 볼게", "다음에 봐", "내일 봐", "또 올게", "가 볼게", "자러", "들어가", "바이", "또 봐",
    "나중에 봐", "bye", "goodbye", "good night", "goodnight", "see you", "see ya", "talk tomorrow",
    "talk later", "off to bed", "that's all", "that is all", "gotta go", "take care",
    "signing off", "until tomorrow", "later", "잘자요", "꿈나라", "이제 자", "쉴게", "쉬어", "끝낼게", "그만할게",
    "퇴장", "다음에 또", "내일 또", "조심히", "꺼야겠", "나갈게", "나간다", "갈게", "간다", "굿나잇", "굿밤", "nighty",
    "sleep well", "sweet dreams", "catch you", "so long", "farewell", "cya", "ttyl",
    "heading out", "heading home", "heading off", "logging off", "going to bed", "time for bed",
    "i'm done", "done for today", "until next time", "have a good one", "over and out",
    "leaving now", "be back"};
inline constexpr std::string_view kEmotions[] = {
    "우울", "슬프", "슬퍼", "속상", "힘들", "지쳤", "지친", "피곤", "짜증", "화나", "화가", "기뻐", "기쁘", "행복", "신나",
    "신난", "외로", "무서", "무섭", "불안", "걱정", "설레", "설렌", "답답", "미치겠", "죽는 줄", "죽겠", "흑흑", "재미가 없",
    "재미없", "정신이 하나", "정신없", "눈물", "울고", "망했", "망해", "망쳤", "떨려", "떨린", "자랑", "괜히", "억울", "창피",
    "부끄", "그립", "그리워", "서운", "스트레스", "머리가 터", "위로", "뿌듯", "후회", "실망", "tired", "sad", "happy",
    "upset", "angry", "nervous", "awful", "hate", "love", "lonely", "excited", "worried",
    "anxious", "stressed", "exhausted", "depressed", "bombed", "miserable", "terrible", "fed up",
    "can't stand", "feel", "feeling", "cry", "crying", "proud", "scared", "afraid", "argh", "ugh",
    "sigh", "soup", "what a morning", "what a day", "miss", "heartbroken", "annoyed",
    "frustrated", "overwhelmed", "thrilled", "embarrassed", "sick of", "rough day", "기분", "설움",
    "허무", "허전", "지겨", "지긋지긋", "귀찮", "졸립", "멘붕", "좌절", "민망", "황당", "어이없", "열받", "약오르", "심란", "마음이",
    "맘이", "가슴이", "눈물이", "펑펑", "벅차", "감동", "뭉클", "기대돼", "기대된", "두근", "긴장", "겁나", "놀랐", "깜짝", "아쉽",
    "아쉬워", "안타깝", "다행", "만족", "포기", "못 해먹", "못해먹", "한숨", "지치", "쓸쓸", "혼자라", "살맛", "터질 것", "죽을 것",
    "울 뻔", "미칠", "grumpy", "gloomy", "down today", "drained", "worn out", "burnt out",
    "burned out", "wrecked", "gutted", "devastated", "furious", "mad at", "pissed", "hurt",
    "heartache", "homesick", "relieved", "grateful", "delighted", "over the moon", "so good",
    "so bad", "dreading", "panicking", "panic", "freaking out", "can't sleep", "couldn't sleep",
    "broke down", "in tears", "shaking", "regret", "guilty", "ashamed", "jealous", "bored of",
    "disappointed", "discouraged", "hopeless", "what a week", "worst day", "best day", "long day",
    "bad day", "good day", "my heart", "i can't believe", "i could cry", "my head", "butterflies",
    "on edge", "give up", "had enough", "had it with", "hard day", "tough day", "so done",
    "finally done"};
inline constexpr std::string_view kLaughter[] = {
    "ㅋ", "ㅎㅎ", "ㅠ", "ㅜ", "ㅡㅡ", "ㅇㅇ", "ㄷㄷ", "lol", "haha", "hehe", "lmao", "wow", ":)", ":("};
inline constexpr std::string_view kAboutAssistant[] = {
    "너", "넌", "넌데", "널", "네가", "니가", "너는", "너도", "너랑", "너의", "당신", "챗봇", "인공지능", "로봇", "컴퓨터들",
    "뭐 할 줄", "할 줄 알아", "누가 만들", "몇 살이야", "이름이 뭐", "이름은 뭐", "보내지는", "어떤 애", "사람이야", "진짜 사람",
    "좋아하는 음식", "좋아하는 색", "쓸 줄 아", "are you", "do you ever", "do you like", "do you have",
    "do you know", "do you remember", "do you send", "do you think", "do you want",
    "do you sleep", "do you dream", "do you store", "do you learn", "do you speak",
    "do you understand", "do you keep", "do you read", "can you do", "who built you",
    "who made you", "your name", "you a", "could you be", "were you", "you ever", "what can you",
    "you work", "trained", "you send", "chatbot", "what are you", "your favourite",
    "your favorite", "you remember", "you better", "about you", "about yourself", "you real",
    "you know about me", "can you change", "can you delete", "can you read", "can you see",
    "can you learn", "can you hear", "너희", "그쪽은", "자기소개", "너를", "너한테", "너에게", "네 이름", "니 이름",
    "너 이름", "네 생각", "니 생각", "너도 꿈", "꿈을 꾸", "잠을 자", "밥은 먹", "나이가", "어디 살", "살아 있", "의식이", "사람이니",
    "기계야", "프로그램이야", "어떤 모델", "무슨 모델", "개발자", "누가 개발", "버전이", "업데이트", "비밀 지켜", "저장해", "저장되",
    "기억해 둬", "기억할 수", "인터넷", "할 수 있어", "할 수 있니", "할 수 있나", "할 수 있는 게", "잘하는 거", "못하는 거", "도와줄 수",
    "믿어도", "안전해", "챗지피티", "지피티", "시리", "알렉사", "you feel", "you human", "you alive",
    "you conscious", "you an ai", "an ai", "a robot", "a bot", "your creator", "your developer",
    "your model", "which model", "what model", "your version", "your age", "how old are you",
    "where are you", "where do you live", "who are you", "what do you do", "what else can you",
    "can you help me with", "can you keep", "can you remember", "can you write", "can you speak",
    "can you think", "can you talk", "can i trust you", "should i trust you", "will you remember",
    "will you ever", "you sleep", "you dream", "you eat", "you learn", "you store", "you lie",
    "you wrong", "you get tired", "you online", "you offline", "connected to the internet",
    "chatgpt", "siri", "alexa", "like you", "than you", "for you", "with you", "talking to you",
    "tell me about you", "your opinion", "your dreams", "what's your", "you prefer", "your job"};
inline constexpr std::string_view kCreative[] = {
    "농담", "웃긴", "웃겨", "시 써", "시 한", "시를", "소설", "동화", "노래", "가사", "끝말잇기", "게임", "스무고개", "퀴즈",
    "지어 줘", "지어줘", "지어 봐", "써 줘", "써줘", "써 봐", "써봐", "의인화", "역할", "삼행시", "문자", "인사말", "편지", "축하",
    "흉내", "상상", "만들어 봐", "joke", "poem", "limerick", "haiku", "story", "song", "game", "play",
    "pretend", "imagine", "draft", "write a", "write me", "make up", "riddle", "rhyme",
    "twenty questions", "word chain", "apology", "birthday message", "slogan", "toast to",
    "greet me", "help me word", "come up with", "시 하나", "시 지어", "짧은 시", "이야기 하나", "이야기 지어",
    "이야기 들려", "동요", "랩", "별명", "이름 지어", "이름 하나", "이름 추천", "이름 좀", "제목 지어", "제목 좀", "문구", "슬로건",
    "건배사", "축사", "사과문", "초대장", "카드에", "카톡", "답장", "난센스", "넌센스", "수수께끼", "아재 개그", "개그", "놀자",
    "놀아 줘", "놀아줘", "하자", "해 보자", "가위바위보", "상황극", "대사", "대본", "인 척", "처럼 말해", "되어 줘", "되어줘",
    "써 줄래", "지어 줄래", "만들어 줘", "만들어줘", "sing", "rap", "lyrics", "ballad", "sonnet", "verse", "pun",
    "tongue twister", "nickname", "name for", "names for", "title for", "caption", "toast",
    "speech", "invitation", "thank-you note", "thank you note", "love letter", "cover letter",
    "letter to", "email to", "message to", "text to", "short story", "bedtime", "fairy tale",
    "once upon", "scene", "dialogue", "act as", "act like", "talk like", "speak like", "be a",
    "you are now", "let's", "rock paper", "riddles", "trivia", "quiz me", "guess a number",
    "would you rather", "write one", "write something", "compose", "invent", "dream up",
    "brainstorm"};
inline constexpr std::string_view kGivenText[] = {
    "번역", "맞춤법", "고쳐 줘", "고쳐줘", "옮겨", "요약해", "줄여", "다듬어", "바꿔 줘", "바꿔줘", "영어로", "우리말로", "한국어로",
    "높임말로", "존댓말로", "격식", "translate", "correct", "proofread", "shorten", "rephrase", "rewrite",
    "reword", "paraphrase", "summarise this", "summarize this", "in korean", "in english",
    "make this", "fix the grammar", "more polite", "more formal", "into korean", "into english",
    "번역 좀", "교정", "띄어쓰기", "문장 고", "문장을", "자연스럽게", "공손하게", "부드럽게", "영작", "일본어로", "중국어로", "존대로",
    "풀어 써", "풀어써", "쉽게 써", "쉽게 바꿔", "tidy up", "clean up this", "polish", "spell check",
    "spellcheck", "typo", "grammar", "how do you say", "say this", "into french", "in german",
    "more natural", "less formal", "tone", "convert", "capitalise", "capitalize", "reformat",
    "edit this"};
inline constexpr std::string_view kLastAnswer[] = {
    "다시 말", "다시 해", "다시 써", "방금 한", "방금 말", "방금 뭐", "더 짧게", "짧게", "쉽게", "한 줄로", "한 문장", "번호 매겨",
    "목록으로", "표로", "반말로", "존댓말로", "길게", "천천히", "아까 한 말", "내가 뭐라고", "내 질문", "마지막 답", "네 답", "진짜야",
    "확실해", "곧이네", "say that again", "say it again", "repeat", "shorter", "simpler",
    "one sentence", "two sentences", "bullet", "as a list", "as a table", "your last",
    "your answer", "what was my question", "my question", "in other words", "put that in",
    "more slowly", "are you sure", "that's soon", "sentences", "한번 더", "한 번 더", "다시 설명", "다시 알려",
    "다시 정리", "요약해 줘", "요약 좀", "간단히", "간단하게", "자세히", "조금 더", "더 자세", "더 길게", "더 쉽게", "쉬운 말",
    "아이에게", "초등학생", "영어로 다시", "우리말로 다시", "사투리", "표준말", "글머리", "순서대로", "굵게", "강조", "방금 그", "방금 답",
    "아까 답", "위에", "위의", "앞에 말", "뭐라고 했", "뭐라 했", "못 알아", "이해가 안", "무슨 말이야", "무슨 뜻이야", "정말", "진짜로",
    "그렇구나", "그랬구나", "아하", "오호", "신기", "once more", "one more time", "rephrase that",
    "summarise that", "summarize that", "sum that up", "sum it up", "in short", "tldr", "tl;dr",
    "longer", "more detail", "in detail", "elaborate", "simplify", "like i'm five", "for a child",
    "make it", "turn that into", "turn it into", "translate that", "as bullet", "number them",
    "in a table", "in capitals", "bold", "what did you say", "what did you just", "you just said",
    "you said", "didn't catch", "don't understand", "didn't understand", "i don't get it",
    "what do you mean", "really", "no way", "good to know", "interesting", "makes sense",
    "oh i see", "ah right", "wait what", "huh", "did i ask", "asked you"};
inline constexpr std::string_view kFeedback[] = {
    "맞아", "그거야", "바로 그거", "틀렸", "아닌데", "잘했", "잘한다", "똑똑", "별로", "말투", "친절", "최고", "대단", "역시",
    "좋네", "빠르네", "쓸모", "편하게 말", "딱딱", "exactly", "well done", "good job", "nice work",
    "you're getting", "that's right", "that's wrong", "not helpful", "useless", "brilliant",
    "perfect", "from now on", "keep it", "stop", "great answer", "clever", "amazing",
    "not what i", "too long", "be more", "그게 아니", "그거 아니", "아니야", "아니거든", "틀려", "잘못", "엉뚱",
    "이상하네", "이상해", "못하네", "못한다", "실망", "느려", "빨라", "좋다", "좋아요", "굿", "짱", "완벽", "정확", "훌륭", "센스",
    "마음에 들", "맘에 들", "대답이", "답이 너무", "너무 길", "너무 짧", "너무 딱", "앞으로", "다음부터", "존댓말", "반말", "말 놓",
    "그렇게 말", "그만", "good bot", "bad bot", "good answer", "bad answer", "wrong", "that's not",
    "not quite", "not really", "you missed", "you got it", "spot on", "nailed it", "impressive",
    "not bad", "love it", "i like that", "i like how", "much better", "better now", "worse",
    "too short", "too formal", "be nicer", "be brief", "be honest", "less formal", "more casual",
    "next time", "please stop", "don't be", "you sound", "talk to me", "you should", "you always",
    "you never", "keep going", "keep up"};
inline constexpr std::string_view kArithmetic[] = {
    "곱하기", "더하기", "빼기", "나누기", "퍼센트는", "times", "plus", "minus", "divided by", "% of", "squared",
    "더하면", "빼면", "곱하면", "나누면", "제곱", "루트", "평균 내", "합치면", "몇 프로", "퍼센트", "multiplied by",
    "add up", "sum of", "divide", "multiply", "subtract", "square root", "cubed", "percent of",
    "how many inches", "to celsius", "to fahrenheit", "in km", "in miles"};
inline constexpr std::string_view kSmallTalk[] = {
    "심심", "배고", "배불", "졸려", "졸리", "날씨 진짜", "날씨 좋", "점심", "저녁 뭐", "퇴근", "출근", "주말", "불금", "월요일",
    "그냥 그랬", "나가고 싶", "먹고 싶", "먹어야 제맛", "여름이 좋", "재밌", "얘기하", "아 맞다", "맙소사", "헐", "대박", "진짜",
    "하루", "bored", "hungry", "sleepy", "weekend", "mondays", "lunch", "nothing special",
    "say something", "ok", "okay", "lol", "lovely day", "nice day", "weather", "oh no", "ah well",
    "can't wait", "soon enough", "nothing beats", "just landed", "i forgot", "summer or winter",
    "cats or dogs", "tea or coffee", "good kind of", "old news", "you like", "커피 한", "라면", "치킨",
    "맥주", "산책", "비 온다", "비가 오네", "눈 온다", "눈이 오네", "춥다", "덥다", "추워", "더워", "따뜻하", "바람이", "하늘이",
    "노을이", "벌써", "금요일", "연휴", "휴가", "쉬고 싶", "놀고 싶", "자고 싶", "집에 가고", "멍하니", "멍 때", "뒹굴", "티비",
    "드라마", "영화 봤", "음악 듣", "귀여워", "귀엽", "예쁘다", "예뻐", "맛있", "배가", "간식", "야식", "아침부터", "방금 창밖",
    "오늘따라", "그냥", "그러게", "그렇구나", "그래", "응", "ㅇㅇ", "오케이", "알겠", "알았", "글쎄", "음", "raining again",
    "snowing", "so cold", "so hot", "sunny", "nice out", "lovely morning", "lovely evening",
    "coffee", "tea time", "pizza", "beer", "netflix", "tv", "nap", "couch", "sofa", "days off",
    "holiday", "almost friday", "finally friday", "at last", "my cat", "my dog", "cute",
    "so pretty", "tasty", "yum", "anyway", "whatever", "i see", "right", "sure", "got it", "fine",
    "cool", "nice", "hm", "hmm", "well well", "guess what", "you know", "speaking of",
    "by the way", "same here", "me too", "of course", "fair enough", "never mind", "nvm",
    "just saying", "as always", "again today", "i suppose"};

inline constexpr std::string_view kPointing =
    "that this it there here those these one ones thing things other second first third last next "
    "previous time again happen happened work works get got go did done doing do number his her "
    "their him them he she they much many long far more same else so then not no yes hmm uh um "
    "important note question something anything some any put mean say said tell show find look "
    "doesn't don't didn't won't isn't wasn't can't couldn't aren't weren't it's that's what's "
    "date day way place person people kind sort bit lot matter stuff both either neither whole "
    "continue back over up down on off out right left wrong just still even already yet now "
    "come came take took give gave make made bring open close start stop use want need try "
    "help please explain summarise summarize translate list check send see know think like "
    "이거 그거 저거 이것 그것 저것 이게 그게 저게 거기 여기 저기 그때 이때 걔 쟤 얘 그쪽 이쪽 그런 이런 저런 "
    "그렇게 이렇게 저번 저번에 지난번 지난번에 아까 방금 번째 첫 두 세 둘 셋 하나 중 나아 낫다 걸로 거 것 게 "
    "말 말한 얘기 말해 찾아 찾아봐 찾아줘 알려 부탁 부탁드려요 요약 번역 고쳐 다시 해 해봐 해줘 줘 봐 되다 됐어 "
    "어떻게 됐어 안 돼 왜 가 가다 응 네 아니 음 어 좀 며칠 며칠까지 얼마 얼마야 몇 도 도로 맞추다 맞춰야 "
    "있잖아 있잖아요 다른 같은 그럼 근데 그리고 또 물어볼 물어보다 질문 뭐 뭐라고 뭐였지 뭐였더라 "
    "그게 그거야 그걸 이걸 저걸 그건 이건 저건 그게 뭐 걔가 걔는 걔네 그분 그사람 그 사람 이 사람 "
    "그쪽에 거기에 거기서 여기서 그날 그놈 아무거나 아무 전부 다 둘다 하나만 마지막 처음 첫번째 두번째 "
    "해야 해야지 해야 하지 했어 했지 했더라 하는데 할까 됐지 됐더라 되는데 될까 안돼 안되는데 "
    "말했지 말했잖아 말한거 얘기한 얘기했던 했던 하던 보여 보여줘 알려줘 가르쳐 설명 설명해 설명해줘 "
    "정리 정리해줘 요약해줘 번역해줘 고쳐줘 써줘 계속 계속해 이어서 더 자세히 자세하게 나은 나을까 좋아 "
    "좋을까 언제 언제까지 언제였지 어디 어디였지 어디더라 누구 누구였지 누구더라 얼마였지 얼마더라 어느 "
    "쪽 쪽이 편 그중 이중에 이대로 그대로 저대로 그만큼 이만큼";

// clang-format on

}  // namespace saerok
