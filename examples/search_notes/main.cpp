/// saerok as a library: indexes a folder of notes into a store and searches it.
///
///   search_notes STORE FOLDER QUERY
///
/// Words only, so that it needs no model: leave out `embed = false` to make vectors too.
#include <cstdio>
#include <string>
#include <utility>

#include "saerok/engine.h"

namespace {

int fail(const saerok::Error& error) {
  std::fprintf(stderr, "search_notes: %s\n", error.message.c_str());
  return saerok::exit_status(error.code);
}

void show(const saerok::Hit& hit) {
  std::string place = hit.path;
  for (const std::string& heading : hit.heading_path) place += " > " + heading;
  std::printf("%u. %s (lines %u to %u), score %.3f\n   %s\n", hit.rank, place.c_str(),
              hit.lines.first, hit.lines.last, hit.score, hit.snippet.c_str());
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 4) {
    std::fprintf(stderr, "usage: search_notes STORE FOLDER QUERY\n");
    return 2;
  }
  const std::string folder = arguments[2];

  saerok::EngineOptions options;
  options.store = arguments[1];
  auto engine = saerok::Engine::open(std::move(options));
  if (!engine) return fail(engine.error());

  // Stops at a deadline or when asked to; this program has neither.
  const saerok::CallContext call;
  saerok::IngestRequest notes;
  notes.roots = {folder};
  notes.embed = false;
  const auto report = engine->ingest("default", notes, nullptr, call);
  if (!report) return fail(report.error());
  std::printf("%llu files seen, %llu unchanged, %llu chunks written\n",
              static_cast<unsigned long long>(report->files_seen),
              static_cast<unsigned long long>(report->files_unchanged),
              static_cast<unsigned long long>(report->chunks));

  saerok::SearchRequest request;
  request.query = arguments[3];
  request.mode = saerok::SearchMode::lexical;
  request.limit = 3;
  const auto found = engine->search(request, call);
  if (!found) return fail(found.error());
  for (const saerok::Hit& hit : found->hits) show(hit);
  for (const std::string& warning : found->report.warnings) {
    std::fprintf(stderr, "note: %s\n", warning.c_str());
  }
  return found->hits.empty() ? 1 : 0;
}
