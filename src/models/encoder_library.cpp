#include "models/encoder_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <string>
#include <string_view>

namespace saerok {
namespace {

#ifdef SAEROK_ENCODER_FOLDER
constexpr std::string_view kModuleFile = "libsaerok_openvino.so";

/// The folder of the program that runs, with the slash; empty if the system does not say.
std::string program_folder() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return {};
  const std::string_view program(path.data(), static_cast<std::size_t>(size));
  return std::string(program.substr(0, program.rfind('/') + 1));
}

Result<const EncoderModule*> find_module() {
  const std::string folder = program_folder();
  const std::string installed = folder + SAEROK_ENCODER_FOLDER + "/";
  for (const std::string& path :
       {folder + std::string(kModuleFile), installed + std::string(kModuleFile)}) {
    if (access(path.c_str(), R_OK) != 0) continue;
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char* reason = dlerror();
      return Error{ErrorCode::failed_precondition,
                   "OpenVINO could not be loaded: " + std::string(reason ? reason : path.c_str())};
    }
    const void* module = dlsym(library, kEncoderModuleSymbol);
    if (module != nullptr) return static_cast<const EncoderModule*>(module);
    return Error{ErrorCode::failed_precondition, path + " is of another build of saerok"};
  }
  return Error{ErrorCode::failed_precondition,
               std::string(kModuleFile) + " is neither in " + folder + " nor in " + installed};
}
#else
Result<const EncoderModule*> find_module() {
  return Error{ErrorCode::failed_precondition,
               "this saerok was built without OpenVINO (-DSAEROK_OPENVINO=ON)"};
}
#endif

}  // namespace

Result<const EncoderModule*> load_encoder_module() {
  static const Result<const EncoderModule*> module = find_module();
  return module;
}

}  // namespace saerok
