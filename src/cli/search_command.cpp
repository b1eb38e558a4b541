#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "cli/command.h"
#include "cli/daemon_use.h"
#include "cli/hit_output.h"
#include "cli/json_output.h"
#include "saerok/settings_fields.h"

namespace saerok {
namespace {

Result<SearchResponse> search(const CommandContext& context, const SearchRequest& request) {
  if (const auto daemon = find_daemon(context)) {
    return search_with(*daemon, request, context.call());
  }
  const Engine engine = TRY(context.open_engine());
  return engine.search(request, context.call());
}

Status run_search(CommandContext& context, SearchRequest request) {
  request.collection = context.options.collection;
  const SearchResponse response = TRY(search(context, request));
  print_warnings(response.report);
  if (context.options.json) {
    print_document(to_json(response));
    return {};
  }
  if (!response.searched_for.empty()) {
    std::fprintf(stderr, "showing results for: %s (--literal searches for exactly: %s)\n",
                 response.searched_for.c_str(), response.query.c_str());
  }
  const Style style = Style::of_standard_output();
  for (const Hit& hit : response.hits) print_hit(hit, style);
  if (response.hits.empty()) std::printf("Nothing found for \"%s\".\n", response.query.c_str());
  if (request.explain) {
    std::fprintf(stderr, "mode: %s\n", kModeNames[static_cast<std::size_t>(response.mode)].data());
    print_stages(response.report);
  }
  return {};
}

/// {"vector": […]} or a bare array, from a file.
Result<std::vector<float>> read_query_vector(const std::string& file) {
  std::FILE* stream = std::fopen(file.c_str(), "rb");
  if (stream == nullptr) return Error{ErrorCode::not_found, "cannot read the query vector " + file};
  std::string text;
  char buffer[65'536];
  for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, stream)) > 0;) {
    text.append(buffer, size);
  }
  std::fclose(stream);
  const Json json = TRY(read_given_json(text, file));
  const Json* array = json.is_array() ? &json : find_member(json, "vector");
  std::vector<float> vector;
  if (array != nullptr && array->is_array()) {
    for (const Json& component : *array) {
      if (component.is_number()) vector.push_back(component.get<float>());
    }
  }
  if (array == nullptr || vector.empty() || vector.size() != array->size()) {
    return Error{ErrorCode::invalid_argument,
                 file + " is not a list of numbers, nor an object with one under \"vector\""};
  }
  return vector;
}

}  // namespace

void add_mode_option(CLI::App& command, SearchMode& mode) {
  static const std::map<std::string, SearchMode> kModes = {{"auto", SearchMode::automatic},
                                                           {"lexical", SearchMode::lexical},
                                                           {"vector", SearchMode::vector},
                                                           {"hybrid", SearchMode::hybrid}};
  command
      .add_option_function<std::string>(
          "--mode", [&mode](const std::string& name) { mode = kModes.at(name); },
          "lexical, vector, hybrid or auto")
      ->check(
          CLI::IsMember({"lexical", "vector", "hybrid", "auto"}, CLI::ignore_case).description(""))
      ->type_name("MODE");
}

void add_search_command(CLI::App& app, CommandRun& chosen) {
  auto request = std::make_shared<SearchRequest>();
  auto query_vector_file = std::make_shared<std::string>();
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("search",
                                         "Find passages by words, by meaning, or both.\n\n"
                                         "Without --mode the search is hybrid where vectors exist, "
                                         "else lexical; the report says which. "
                                         "--mode lexical never loads a model.\n\n"
                                         "\"words in order\", -without, +with, this OR that, "
                                         "tag:work, before:2024-03, begin* (docs/query.md).");
  command->add_option("QUERY", *words, "What to look for, in words or as a question")
      ->required()
      ->type_name("");
  add_mode_option(*command, request->mode);
  command->add_option("-k,--limit", request->limit, "Most hits")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str()
      ->type_name("N");
  command
      ->add_option("--filter", request->filter,
                   "Only documents that pass: tag:work date>=2024-03-01 "
                   "(docs/query.md)")
      ->type_name("EXPR");
  command
      ->add_option("--query-vector", *query_vector_file,
                   "Search with this vector (JSON) instead of the query's embedding")
      ->type_name("FILE");
  command->add_flag_callback(
      "--plain", [request] { request->syntax = QuerySyntax::plain; },
      "Read the query as words: no operators, quotation marks or tests");
  command->add_flag_callback(
      "--literal", [request] { request->correct = false; },
      "Search for the words as they are typed, without corrections");
  command->add_flag("--as-you-type", request->as_you_type,
                    "The last word may be unfinished: search for what it can become, too");
  command->add_flag("--explain", request->explain,
                    "Show how each score came about; with --json every figure");
  command->callback([=, &chosen] {
    chosen = [=](CommandContext& context) -> Status {
      for (const std::string& word : *words) {
        request->query += (request->query.empty() ? "" : " ") + word;
      }
      if (!query_vector_file->empty()) {
        request->query_vector = TRY(read_query_vector(*query_vector_file));
      }
      return run_search(context, *request);
    };
  });
}

}  // namespace saerok
