#include "cli/hit_output.h"

#include <cstdio>

namespace saerok {
namespace {

std::string highlighted(const Hit& hit, const Style& style) {
  std::string text;
  std::size_t at = 0;
  for (const Highlight& highlight : hit.highlights) {
    text += hit.snippet.substr(at, highlight.begin - at);
    text += style.bold + hit.snippet.substr(highlight.begin, highlight.end - highlight.begin) +
            style.reset;
    at = highlight.end;
  }
  return text + hit.snippet.substr(at);
}

/// The figures inside a term's score fill a screen a hit; --json has them all.
bool is_term(const Explanation& explanation) {
  return explanation.label.starts_with("stem \"") || explanation.label.starts_with("gram \"");
}

void print_explanation(const Explanation& explanation, std::size_t depth) {
  std::string label = explanation.label;
  if (is_term(explanation)) label = label.substr(0, label.rfind(", product of"));
  std::printf("   %s%10.4f  %s\n", std::string(depth * 2, ' ').c_str(), explanation.value,
              label.c_str());
  if (is_term(explanation)) return;
  for (const Explanation& child : explanation.children) print_explanation(child, depth + 1);
}

std::string describe_headings(const Hit& hit) {
  std::string headings;
  for (const std::string& heading : hit.heading_path) {
    if (heading != hit.title) headings += " > " + heading;
  }
  return " · " + hit.title + headings;
}

std::string describe_document(const Hit& hit) {
  return hit.document_id == hit.path ? hit.path : hit.path + " " + hit.document_id;
}

}  // namespace

std::string describe_source(const Hit& hit) {
  return describe_document(hit) + describe_headings(hit);
}

std::string describe_place(const Hit& hit) {
  std::string place = describe_document(hit) + ":" + std::to_string(hit.lines.first);
  if (hit.lines.last != hit.lines.first) place += "-" + std::to_string(hit.lines.last);
  return place + describe_headings(hit);
}

void print_hit(const Hit& hit, const Style& style) {
  std::printf("%s%u. %s%s  %s%.4f%s\n   %s\n", style.green.c_str(), hit.rank,
              describe_place(hit).c_str(), style.reset.c_str(), style.dim.c_str(), hit.score,
              style.reset.c_str(), highlighted(hit, style).c_str());
  if (hit.explanation) print_explanation(*hit.explanation, 0);
}

void print_stages(const Report& report) {
  for (const StageReport& stage : report.stages) {
    std::fprintf(stderr, "%-10s %8.1f ms  %llu in, %llu out\n", stage.name.c_str(), stage.ms,
                 static_cast<unsigned long long>(stage.in),
                 static_cast<unsigned long long>(stage.out));
  }
}

void print_warnings(const Report& report) {
  for (const std::string& warning : report.warnings) {
    std::fprintf(stderr, "saerok: %s\n", warning.c_str());
  }
}

}  // namespace saerok
