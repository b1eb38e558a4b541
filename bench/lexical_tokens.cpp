/// Cuts texts into the tokens that every engine of lexical_peers gets: one text a line on standard
/// input, its stems a line on standard output, separated by spaces. An empty line stays one, so
/// that line numbers are document numbers.
#include <cstdio>
#include <iostream>
#include <string>

#include "text/analyzer.h"

int main() {
  std::ios::sync_with_stdio(false);
  const saerok::Analyzer analyzer{saerok::AnalyzerSettings{}};
  saerok::TermList terms;
  std::string out;
  for (std::string line; std::getline(std::cin, line);) {
    analyzer.analyze(line, terms);
    out.clear();
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const saerok::Term term = terms[i];
      if (term.field != saerok::TermField::stem) continue;
      if (term.text.find_first_of(" \t\r\n\f\v") != std::string_view::npos) {
        std::fprintf(stderr, "lexical_tokens: a term holds a space: %.*s\n",
                     static_cast<int>(term.text.size()), term.text.data());
        return 1;
      }
      if (!out.empty()) out.push_back(' ');
      out.append(term.text);
    }
    out.push_back('\n');
    std::fwrite(out.data(), 1, out.size(), stdout);
  }
  return 0;
}
