/// The store opened for writing, once for all who write at the same time: the store's lock belongs
/// to a process, so a second opening beside an `ingest` that takes hours would be refused, and a
/// conversation could not be stored meanwhile. The lock is given back when nobody writes.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/env.h"
#include "storage/open_storage.h"
#include "storage/store_reserve.h"

namespace saerok {

/// Safe from several threads; outlives its leases.
class Writers {
 public:
  Writers(Env& env, std::string store, StorePlace place = StorePlace::local_only)
      : env_(env), store_(std::move(store)), place_(place) {}

  /// The right to write; the last one to go closes the store.
  class Lease {
   public:
    Lease(Lease&& other) noexcept : writers_(std::exchange(other.writers_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (writers_ != nullptr) writers_->give_back();
    }
    Storage& operator*() const { return *writers_->storage_; }

   private:
    friend class Writers;
    explicit Lease(Writers& writers) : writers_(&writers) {}
    Writers* writers_;
  };

  enum class IfMissing : std::uint8_t { create, fail };

  /// Errors: those of open_storage(), and not_found where there is no store and none is to be made.
  Result<Lease> get(IfMissing if_missing);

  /// Calls `remove(Storage&)`, which only takes things out. On a full disk it is called once more
  /// with the room that the store keeps for that. Errors: those of get() and of `remove`.
  template <class Remove>
  auto take_out(Remove remove) -> decltype(remove(std::declval<Storage&>())) {
    const auto attempt = [&]() -> decltype(remove(std::declval<Storage&>())) {
      const auto storage = TRY(get(IfMissing::fail));
      return remove(*storage);
    };
    auto outcome = attempt();
    if (outcome || outcome.error().code != ErrorCode::out_of_space) return outcome;
    if (!TRY(release_reserve(env_, store_))) return outcome;
    return attempt();
  }

  /// Held by whoever changes what is indexed: two of them would work on each other's state.
  std::mutex& indexing() { return indexing_; }

  Env& env() const { return env_; }
  const std::string& store() const { return store_; }

 private:
  void give_back();

  Env& env_;
  std::string store_;
  StorePlace place_;
  std::mutex mutex_;  ///< Also held while the store is opened and closed.
  std::optional<Storage> storage_;
  std::size_t leases_ = 0;
  std::mutex indexing_;
};

}  // namespace saerok
