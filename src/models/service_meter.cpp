#include "models/service_meter.h"

#include <algorithm>
#include <memory>
#include <span>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/posix_env.h"

namespace saerok {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kMinute{60};
/// How often a waiting request looks whether it was stopped.
constexpr milliseconds kLook{10};
constexpr std::uint64_t kFileBytesMax = 4'096;

struct Usage {
  std::int64_t day = 0;  ///< Date::days.
  std::uint64_t tokens = 0;
};

/// The file, held by this program alone until it is closed.
class UsageFile {
 public:
  static Result<UsageFile> open(const std::string& path, const CallContext& call) {
    TRY(posix_env().make_directory(parent_path(path)));
    UsageFile usage;
    usage.file_ = TRY(posix_env().open(path, FileAccess::create));
    while (!TRY(usage.file_->lock(LockKind::exclusive, {}))) {
      TRY(call.check());
      std::this_thread::sleep_for(kLook);
    }
    return usage;
  }

  /// What cannot be read counts as nothing used: the file is ours and holds nothing else.
  Result<Usage> read() const {
    std::string text(std::min(TRY(file_->size()), kFileBytesMax), '\0');
    text.resize(TRY(file_->read_at(std::as_writable_bytes(std::span(text)), 0)));
    const auto json = parse_json(text, "the file of used tokens");
    if (!json) return Usage{};
    return Usage{static_cast<std::int64_t>(find_count(*json, "day").value_or(0)),
                 find_count(*json, "tokens").value_or(0)};
  }

  Status write(const Usage& usage) const {
    const std::string text =
        print_json({{"day", static_cast<std::uint64_t>(usage.day)}, {"tokens", usage.tokens}});
    TRY(file_->write_at(as_byte_span(text), 0));
    return file_->truncate(text.size());
  }

 private:
  std::unique_ptr<File> file_;
};

}  // namespace

RequestWindow::Time RequestWindow::next_start(Time now) {
  if (per_minute_ == 0) {
    starts_.clear();
    return now;
  }
  while (!starts_.empty() && starts_.front() + kMinute <= now) starts_.pop_front();
  if (starts_.size() < per_minute_) return now;
  return starts_[starts_.size() - per_minute_] + kMinute;
}

Status DailyTokens::check(Date today, const CallContext& call) const {
  if (limit_ == 0) return {};
  const UsageFile file = TRY(UsageFile::open(file_, call));
  const Usage usage = TRY(file.read());
  if (usage.day != today.days || usage.tokens < limit_) return {};
  return Error{ErrorCode::too_many,
               "services have used " + std::to_string(usage.tokens) +
                   " tokens today, and models.tokens_per_day allows " + std::to_string(limit_) +
                   "; raise it, or go on tomorrow"};
}

Status DailyTokens::add(std::uint64_t tokens, Date today, const CallContext& call) const {
  if (limit_ == 0) return {};
  const UsageFile file = TRY(UsageFile::open(file_, call));
  const Usage before = TRY(file.read());
  return file.write({today.days, tokens + (before.day == today.days ? before.tokens : 0)});
}

ServiceMeter::ServiceMeter(const ServiceLimits& limits, std::string service)
    : limits_(limits),
      service_(std::move(service)),
      day_(limits.tokens_per_day, limits.usage_file),
      window_(limits.requests_per_minute) {}

ServiceMeter::Request::~Request() {
  if (meter_ == nullptr) return;
  const std::lock_guard lock(meter_->mutex_);
  --meter_->under_way_;
  meter_->freed_.notify_one();
}

Result<ServiceMeter::Request> ServiceMeter::begin(const CallContext& call) {
  TRY(day_.check(local_date(), call));
  std::unique_lock lock(mutex_);
  for (;;) {
    TRY(call.check());
    const auto now = std::chrono::steady_clock::now();
    const auto start = window_.next_start(now);
    if (call.deadline && start > *call.deadline) {
      const auto wait = std::chrono::ceil<seconds>(start - now).count();
      return Error{ErrorCode::too_many,
                   service_ + " was asked " + std::to_string(limits_.requests_per_minute) +
                       " times within a minute, which is what models.requests_per_minute allows; "
                       "try again in " + std::to_string(wait) + " s, or raise it"};
    }
    const bool is_free =
        limits_.requests_at_once == 0 || under_way_ < limits_.requests_at_once;
    if (is_free && start <= now) break;
    freed_.wait_for(lock, kLook);
  }
  ++under_way_;
  window_.began(std::chrono::steady_clock::now());
  return Request(this);
}

Status ServiceMeter::spent(std::uint64_t tokens, const CallContext& call) const {
  return day_.add(tokens, local_date(), call);
}

}  // namespace saerok
