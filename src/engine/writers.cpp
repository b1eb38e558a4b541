#include "engine/writers.h"

namespace saerok {

Result<Writers::Lease> Writers::get(IfMissing if_missing) {
  const std::lock_guard lock(mutex_);
  if (leases_ == 0) {
    storage_ =
        TRY(if_missing == IfMissing::create ? open_storage(env_, store_, OpenMode::write, place_)
                                            : open_existing_storage(env_, store_, place_));
  }
  ++leases_;
  return Lease(*this);
}

void Writers::give_back() {
  const std::lock_guard lock(mutex_);
  if (--leases_ == 0) storage_.reset();
}

}  // namespace saerok
