// Terms of any bytes: within the text, in bounds, never longer than a term may be.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "text/analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saerok;
  static const Analyzer compact{AnalyzerSettings{}};
  static const Analyzer robust{AnalyzerSettings{KoreanAnalysis::robust, {}}};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  TermList terms;
  for (const Analyzer* analyzer : {&compact, &robust}) {
    analyzer->analyze(text, terms);
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const Term term = terms[i];
      if (term.begin > term.end || term.end > size || term.text.size() > kTermBytesMax)
        std::abort();
    }
  }
  return 0;
}
