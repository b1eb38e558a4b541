#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/terminal.h"
#include "models/encoder_runtime.h"
#include "models/model_catalogue.h"
#include "models/worker_confinement.h"

namespace saerok {
namespace {

/// One thing that is there or is missing, and what it is for.
struct Check {
  std::string name;
  bool is_present = false;
  std::string detail;
  std::string enables;
};

bool is_on_path(const Environment& environment, const std::string& program) {
  const auto path = environment.find("PATH");
  if (path == environment.end()) return false;
  for (std::size_t at = 0; at <= path->second.size();) {
    const std::size_t end = std::min(path->second.find(':', at), path->second.size());
    if (access((path->second.substr(at, end - at) + "/" + program).c_str(), X_OK) == 0) return true;
    at = end + 1;
  }
  return false;
}

bool processor_runs_models() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c");
#else
  return true;
#endif
}

/// Who reranks, and whether that can be had.
Check check_reranker(const CommandContext& context, bool has_chat, bool has_reranker) {
  const SearchSettings& search = context.settings.search;
  const ModelSettings& models = context.settings.models;
  if (search.rerank_by != RerankBy::reranker) {
    return {"reranker", has_chat, has_chat ? "the chat model " + models.chat : "",
            "putting the best hits in order by the chat model, as search.rerank_by says; set "
            "models.chat"};
  }
  return {
      "reranker", has_reranker, models.rerank,
      "rescoring of the best hits: `saerok model add` a GGUF of a cross-encoder and set "
      "models.rerank, name a service (SAEROK_RERANK_BASE_URL), or set search.rerank_by to chat"};
}

std::vector<Check> run_checks(const CommandContext& context) {
  std::vector<Check> checks;
  std::error_code error;
  const std::string store = context.store();
  checks.push_back({"store", std::filesystem::exists(store + "/FORMAT", error), store,
                    "`saerok index FOLDER` makes it"});
  const ModelCatalogue catalogue(context.models_directory());
  const auto models = catalogue.list();
  const auto is_file = [&](const std::string& name) {
    return name.ends_with(".gguf") && std::filesystem::is_regular_file(name, error);
  };
  const ModelSettings& named = context.settings.models;
  bool has_embedder = !named.embed_base_url.empty() || is_file(named.embed);
  std::string embedder_path = is_file(named.embed) ? named.embed : "";
  bool has_chat = !named.chat_base_url.empty() || is_file(named.chat);
  bool has_reranker = !named.rerank_base_url.empty() || is_file(named.rerank);
  if (models) {
    for (const ModelEntry& entry : *models) {
      if (entry.kind == ModelKind::embed && entry.name == named.embed) {
        has_embedder = true;
        embedder_path = catalogue.path_of(entry);
      }
      has_chat |= entry.kind == ModelKind::chat && entry.name == named.chat;
      has_reranker |= entry.kind == ModelKind::rerank && entry.name == named.rerank;
    }
  } else {
    checks.push_back(
        {"list of models", false, models.error().message, "the models that are installed"});
  }
  checks.push_back({"embedder", has_embedder, named.embed,
                    "search by meaning; `saerok model add default` (91 MB download)"});
  if (named.embed_base_url.empty()) {
    const auto runtime = describe_encoder_runtime(embedder_path, named.embed_with);
    checks.push_back({"fast embedder", runtime.has_value(),
                      runtime ? *runtime : runtime.error().message,
                      "embedding several times faster than llama.cpp, which serves instead"});
  }
  checks.push_back({"chat model", has_chat, named.chat,
                    "answers in own words; `saerok model list` names what fits this machine"});
  checks.push_back(check_reranker(context, has_chat, has_reranker));
  const auto sandbox = describe_confinement();
  checks.push_back({"model sandbox", sandbox.has_value(),
                    sandbox ? *sandbox : sandbox.error().message, "local models"});
  checks.push_back({"processor", processor_runs_models(), "AVX2, FMA and F16C", "local models"});
  checks.push_back({"python3", is_on_path(context.environment, "python3"), "on the PATH",
                    "`saerok model add default`"});
  return checks;
}

enum class StoreCare : std::uint8_t { none, check, repair };

Status care_for_store(CommandContext& context, StoreCare care, Json& document) {
  Engine engine = TRY(context.open_engine());
  const CheckReport report = TRY(care == StoreCare::repair ? engine.repair_store(context.call())
                                                           : engine.check_store(context.call()));
  document["store_check"] = to_json(report);
  if (!context.options.json) {
    std::printf("\nStore check: %s segments, %s chunks read back\n",
                print_count(report.segments_checked).c_str(),
                print_count(report.chunks_checked).c_str());
    std::printf(report.reserve_bytes > 0
                    ? "  room for deleting on a full disk: %s\n"
                    : "  no room is kept for a full disk: the disk has little left, or its file "
                      "system cannot keep any\n",
                print_size(report.reserve_bytes).c_str());
    if (!report.has_page_checksums) {
      std::printf(
          "  the database has no checksums of its pages: an earlier saerok made it; the next "
          "`saerok index` adds them if it is not above 256 MB\n");
    }
    for (const std::string& line : report.set_aside) std::printf("  repaired: %s\n", line.c_str());
    for (const std::string& problem : report.problems)
      std::printf("  problem: %s\n", problem.c_str());
    if (report.problems.empty()) std::printf("  all as it was written\n");
  }
  if (report.problems.empty()) return {};
  const bool is_one = report.problems.size() == 1;
  return Error{ErrorCode::corrupt,
               std::to_string(report.problems.size()) + (is_one ? " problem" : " problems") +
                   " in the store " + context.store() + "; " + (is_one ? "it says" : "each says") +
                   " what to do, and the notes in their files are not concerned"};
}

Status run_doctor(CommandContext& context, StoreCare care) {
  const auto checks = run_checks(context);
  const auto settings = list_settings(context.settings, context.setting_sources);
  const std::string config_file = context.options.config_file.empty()
                                      ? default_config_file(context.environment)
                                      : context.options.config_file;
  Json document = {{"version", version()},
                   {"config_file", config_file},
                   {"checks", Json::array()},
                   {"settings", Json::array()}};
  for (const Check& check : checks) {
    document["checks"].push_back({{"name", check.name},
                                  {"present", check.is_present},
                                  {"detail", check.detail},
                                  {"enables", check.enables}});
  }
  for (const SettingValue& row : settings) {
    document["settings"].push_back({{"name", row.name},
                                    {"value", row.value},
                                    {"range", row.range},
                                    {"source", row.source},
                                    {"help", row.help}});
  }
  if (!context.options.json) {
    std::printf("saerok %s\n\n", std::string(version()).c_str());
    for (const Check& check : checks) {
      std::printf("%-8s %-14s %s%s%s\n", check.is_present ? "ok" : "missing", check.name.c_str(),
                  check.detail.c_str(),
                  check.is_present       ? ""
                  : check.detail.empty() ? "for "
                                         : "  for ",
                  check.is_present ? "" : check.enables.c_str());
    }
    std::printf("\nSettings (config file %s)\n", config_file.c_str());
    for (const SettingValue& row : settings) {
      std::printf("  %-30s %-14s %-10s %s (%s)\n", row.name.c_str(),
                  row.value.empty() ? "-" : row.value.c_str(), row.source.c_str(), row.help.c_str(),
                  row.range.c_str());
    }
  }
  const Status checked =
      care == StoreCare::none ? Status{} : care_for_store(context, care, document);
  if (context.options.json && (checked || document.contains("store_check"))) {
    print_document(document);
    context.has_printed_document = true;
  }
  return checked;
}

}  // namespace

void add_doctor_command(CLI::App& app, CommandRun& chosen) {
  auto reads_store = std::make_shared<bool>(false);
  auto repairs_store = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "doctor",
      "What is installed, what is missing and what it would enable, and every setting with its "
      "value, where that came from, and what it does.");
  command->add_flag("--store-check", *reads_store,
                    "Also read the whole store back and compare checksums");
  command->add_flag("--repair", *repairs_store,
                    "As --store-check, and set damaged parts of the index aside; the next `saerok "
                    "index` makes them again from the stored text");
  command->callback([=, &chosen] {
    const StoreCare care = *repairs_store ? StoreCare::repair
                           : *reads_store ? StoreCare::check
                                          : StoreCare::none;
    chosen = [=](CommandContext& context) { return run_doctor(context, care); };
  });
}

}  // namespace saerok
