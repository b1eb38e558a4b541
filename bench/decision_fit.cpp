/// Fits the weights of the gate of `saerok ask` (src/answer/decision.cpp) to labelled conversations
/// and prints them as the table that stands there, with the confusions of both halves.
///
///   decision_fit [--ridge R] [--threshold T]
///
/// Reads examples/conversations and the notes of examples/vault. Conversations whose hashed id is
/// even are fitted to, the others are held out. Turns to be asked about are left out of the fit: a
/// rule finds those.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/json.h"
#include "saerok/engine.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

/// A question that is not looked up costs more than a greeting that is.
constexpr double kSearchCost = 3;

struct Row {
  std::string id, decision, said, turn;
  std::vector<double> values;  ///< The first is 1, for the bias.
  bool is_fitted = false;
};

struct Options {
  double ridge = 0.5;
  double threshold = 0.3;
};

std::vector<std::string> names;

Result<Engine> index_vault(const fs::path& folder) {
  Settings settings;
  settings.index.vectors = VectorTiers::none;
  settings.ask.decide = DecideBy::gate;
  Engine engine = TRY(Engine::open({.store = (folder / "store").string(),
                                    .models_directory = (folder / "models").string(),
                                    .worker_program = {},
                                    .settings = settings}));
  const std::string vault = (fs::path(SAEROK_SOURCE_DIR) / "examples/vault").string();
  TRY(engine.ingest("default", {.roots = {vault}, .vectors_file = {}}, {}, {}));
  return engine;
}

Result<Row> read_row(const Engine& engine, const Json& json) {
  AskRequest request;
  for (const Json& turn : json["msg"])
    request.conversation.push_back({turn["role"], turn["content"]});
  request.explain = true;
  request.retrieve_only = true;
  request.use_model = false;
  const AskResponse response = TRY(engine.ask(request, {}, {}));
  Row row{json["eval_id"], json["decision"], "", request.conversation.back().content, {1}, false};
  row.is_fitted = hash64(row.id) % 2 == 0;
  row.said = response.decision == Decision::clarify  ? "clarify"
             : response.decision == Decision::search ? "search"
                                                     : "answer";
  const Explanation& sum = response.decision_explanation->children.front();
  names.clear();
  for (std::size_t i = 1; i < sum.children.size(); ++i) {
    names.push_back(sum.children[i].label.substr(0, sum.children[i].label.find(':')));
    row.values.push_back(sum.children[i].children.at(1).value);
  }
  return row;
}

double probability(const std::vector<double>& weights, const Row& row) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * row.values[i];
  return 1 / (1 + std::exp(-sum));
}

/// Logistic regression with a ridge on everything but the bias, by plain gradient descent: there
/// are two dozen weights and a few hundred rows.
std::vector<double> fit(const std::vector<Row>& rows, double ridge) {
  std::vector<double> weights(rows.front().values.size(), 0.0);
  for (int step = 0; step < 20'000; ++step) {
    std::vector<double> gradient(weights.size(), 0.0);
    double count = 0;
    for (const Row& row : rows) {
      if (!row.is_fitted || row.decision == "clarify" || row.said == "clarify") continue;
      const bool is_search = row.decision == "search";
      const double error =
          (probability(weights, row) - (is_search ? 1 : 0)) * (is_search ? kSearchCost : 1);
      for (std::size_t i = 0; i < weights.size(); ++i) gradient[i] += error * row.values[i];
      ++count;
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (i > 0) gradient[i] += ridge * weights[i];
      weights[i] -= 2 * gradient[i] / count;
    }
  }
  return weights;
}

void print_confusion(const std::vector<Row>& rows, const std::vector<double>& weights,
                     bool is_fitted, double threshold) {
  std::map<std::string, std::map<std::string, int>> counts;
  for (const Row& row : rows) {
    if (row.is_fitted != is_fitted) continue;
    const std::string said = row.said == "clarify"                    ? row.said
                             : probability(weights, row) >= threshold ? "search"
                                                                      : "answer";
    ++counts[row.decision][said];
    if (said != row.decision && is_fitted) {
      std::printf("  %s %s > %s %.2f %s\n", row.id.c_str(), row.decision.c_str(), said.c_str(),
                  probability(weights, row), row.turn.c_str());
    }
  }
  std::printf("%s (rows: right; columns: search, answer, clarify)\n",
              is_fitted ? "fitted" : "held out");
  for (auto& [right, said] : counts) {
    std::printf("  %-8s %4d %4d %4d\n", right.c_str(), said["search"], said["answer"],
                said["clarify"]);
  }
}

int run(const Options& options) {
  std::string pattern = (fs::temp_directory_path() / "saerok-decision-XXXXXX").string();
  const fs::path folder = mkdtemp(pattern.data());
  std::vector<Row> rows;
  {
    const auto engine = index_vault(folder);
    std::ifstream stream(fs::path(SAEROK_SOURCE_DIR) /
                         "examples/conversations/conversations.jsonl");
    for (std::string line; engine && std::getline(stream, line);) {
      auto row = read_row(*engine, Json::parse(line));
      if (row) rows.push_back(std::move(*row));
      else std::fprintf(stderr, "decision_fit: %s\n", row.error().message.c_str());
    }
    if (!engine) std::fprintf(stderr, "decision_fit: %s\n", engine.error().message.c_str());
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  if (rows.empty()) return 1;
  const auto weights = fit(rows, options.ridge);
  std::printf("bias %.2f\n", weights[0]);
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::printf("%6.2f  %s\n", weights[i + 1], names[i].c_str());
  }
  print_confusion(rows, weights, true, options.threshold);
  print_confusion(rows, weights, false, options.threshold);
  return 0;
}

}  // namespace
}  // namespace saerok

int main(int argc, char** argv) {
  saerok::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--ridge") options.ridge = std::atof(argv[i + 1]);
    else if (name == "--threshold") options.threshold = std::atof(argv[i + 1]);
    else return std::fprintf(stderr, "decision_fit [--ridge R] [--threshold T]\n"), 2;
  }
  return saerok::run(options);
}
