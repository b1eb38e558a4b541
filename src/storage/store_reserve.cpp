#include "storage/store_reserve.h"

namespace saerok {
namespace {

std::string path_of(const std::string& store_folder) { return store_folder + "/reserve"; }

}  // namespace

void keep_reserve(Env& env, const std::string& store_folder) {
  const std::string path = path_of(store_folder);
  if (reserve_size(env, store_folder) >= kReserveSize) return;
  const auto place = env.file_system(store_folder);
  if (!place || place->free_bytes < kReserveFreeMin) return;
  const auto file = env.open(path, FileAccess::create);
  if (!file) return;
  if (!(*file)->allocate(kReserveSize)) static_cast<void>(env.remove(path));
}

Result<bool> release_reserve(Env& env, const std::string& store_folder) {
  const std::string path = path_of(store_folder);
  if (!TRY(env.stat(path)).has_value()) return false;
  TRY(env.remove(path));
  return true;
}

std::uint64_t reserve_size(Env& env, const std::string& store_folder) {
  const auto info = env.stat(path_of(store_folder));
  return info && *info ? (*info)->allocated : 0;
}

}  // namespace saerok
