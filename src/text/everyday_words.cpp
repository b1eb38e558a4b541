#include "text/everyday_words.h"

namespace saerok {
namespace {

/// Words of asking and of grammar: they say how something is asked, not what about. A small
/// collection has few of them, so that their idf would be high.
constexpr std::string_view kAskingWords =
    "what which who whom whose when where why how is are was were be been do does did has have had "
    "can could should would will shall may might must the a an of to in on for at by from with and "
    "or my me i we our you your it its there this that these those tell about please if any some "
    "무엇 무엇인가 무엇인가요 무엇을 뭐 뭐야 뭘 뭐였지 무슨 어떤 어떻게 어떠한 언제 언제야 어디 "
    "어디서 "
    "어디에 어디야 누구 누가 왜 얼마 얼마나 몇 알려 알려줘 알려주세요 설명 설명해 설명해줘 "
    "설명하시오 "
    "있나요 있어 있는 있나 하나요 되나요 인가요 인가 대해 대한 관한 위해 위한 것 것은 수 때 내 나 "
    "내가 "
    "나의 그 이 저 및 하는 했던 했지 하지 해야 되는 된 좀 더 가장 궁금해";

/// What one says to an assistant or a friend.
constexpr std::string_view kTalkWords =
    "thanks thank thankyou thx please hello hi hey bye goodbye sorry okay ok yes yeah yep nope not "
    "maybe perhaps really very much many more most less least also again still just only even ever "
    "never always often sometimes here now then today tomorrow yesterday soon later since until "
    "before after between about around while during without within through into onto upon under "
    "over above below behind beside because although though however therefore whether either "
    "neither both each every another other others such same than them they their theirs she her "
    "hers him his himself herself myself yourself itself who's what's where's how's when's won't "
    "don't doesn't didn't isn't aren't wasn't weren't can't couldn't shouldn't wouldn't haven't "
    "hasn't anybody anyone anything anywhere everybody everyone everything everywhere nobody "
    "nothing nowhere somebody someone something somewhere want wants wanted need needs needed know "
    "knows think thinks thought guess tell tells told show shows give gives find finds found look "
    "looks looking say says said make makes made take takes took mean means meant "
    "고마워 고마워요 고맙습니다 감사 감사해요 감사합니다 안녕 안녕하세요 미안 미안해 죄송 "
    "죄송합니다 제발 부탁 부탁해 부탁해요 "
    "부탁합니다 그래 그래서 그래도 그런데 그러나 그러면 그럼 그렇지만 그렇게 그런 그냥 그리고 그때 "
    "그것 그거 그건 "
    "이것 이거 이건 이런 이렇게 저것 저거 저런 저렇게 여기 거기 저기 지금 이제 아까 나중 나중에 "
    "다시 또 또는 혹은 "
    "아주 매우 너무 정말 진짜 많이 조금 자주 가끔 항상 언제나 이미 아직 벌써 모두 전부 다른 같은 "
    "같이 함께 "
    "우리 우리가 저희 너희 당신 그녀 누군가 무언가 어딘가 언젠가 아무 아무도 아무것도 얼마나 "
    "얼만큼 얼마만큼 "
    "얼마예요 얼마야 며칠 몇시 어느 어때 어때요 어땠어 어땠지 어떻게든 어째서 왜냐하면 무슨일 "
    "뭐라고 "
    "맞아 맞나 맞지 아니 아니야 아니요 아닌 없는 없어 없나요 같아 같아요 싶어 싶어요 싶은 보여줘 "
    "찾아줘 "
    "가르쳐줘 말해줘 궁금 궁금해 궁금해요 궁금합니다 필요 필요한 필요해 때문 때문에 통해 따라 따른 "
    "라고 라는 에서 에게 부터 까지 처럼 보다 마다 만큼 대로";

}  // namespace

std::string_view asking_words() { return kAskingWords; }
std::string_view talk_words() { return kTalkWords; }

}  // namespace saerok
