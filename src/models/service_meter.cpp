#include "models/service_meter.h"

#include <algorithm>
#include <array>
#include <cstdio>
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
  ServiceUse use;
};

/// Of whatever currency.
std::string amount(double price) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", price);
  return text.data();
}

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
    return Usage{
        static_cast<std::int64_t>(find_count(*json, "day").value_or(0)),
        {find_count(*json, "tokens").value_or(0), find_number(*json, "price").value_or(0)}};
  }

  Status write(const Usage& usage) const {
    const std::string text = print_json({{"day", static_cast<std::uint64_t>(usage.day)},
                                         {"tokens", usage.use.tokens},
                                         {"price", usage.use.price}});
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

Status DailyUse::check(Date today, const CallContext& call) const {
  if (!is_limited()) return {};
  const UsageFile file = TRY(UsageFile::open(file_, call));
  const Usage usage = TRY(file.read());
  if (usage.day != today.days) return {};
  if (limit_.tokens > 0 && usage.use.tokens >= limit_.tokens) {
    return Error{ErrorCode::too_many, "services have used " + std::to_string(usage.use.tokens) +
                                          " tokens today, and models.tokens_per_day allows " +
                                          std::to_string(limit_.tokens) +
                                          "; raise it, or go on tomorrow"};
  }
  if (limit_.price > 0 && usage.use.price >= limit_.price) {
    return Error{ErrorCode::too_many, "the chat service has cost " + amount(usage.use.price) +
                                          " today, and models.price_per_day allows " +
                                          amount(limit_.price) + "; raise it, or go on tomorrow"};
  }
  return {};
}

Status DailyUse::add(const ServiceUse& use, Date today, const CallContext& call) const {
  if (!is_limited()) return {};
  const UsageFile file = TRY(UsageFile::open(file_, call));
  Usage usage = TRY(file.read());
  if (usage.day != today.days) usage = {today.days, {}};
  usage.use.tokens += use.tokens;
  usage.use.price += use.price;
  return file.write(usage);
}

ServiceMeter::ServiceMeter(const ServiceLimits& limits, std::string service)
    : limits_(limits),
      service_(std::move(service)),
      day_({limits.tokens_per_day, limits.price_per_day}, limits.usage_file),
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
                       "try again in " +
                       std::to_string(wait) + " s, or raise it"};
    }
    const bool is_free = limits_.requests_at_once == 0 || under_way_ < limits_.requests_at_once;
    if (is_free && start <= now) break;
    freed_.wait_for(lock, kLook);
  }
  ++under_way_;
  window_.began(std::chrono::steady_clock::now());
  return Request(this);
}

Status ServiceMeter::spent(const ServiceUse& use, const CallContext& call) const {
  return day_.add(use, local_date(), call);
}

}  // namespace saerok
