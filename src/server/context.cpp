#include "server/context.h"

#include <set>
#include <utility>

#include "server/daemon_files.h"

namespace saerok::server {
namespace {

constexpr std::chrono::minutes kCodeLife{10};
constexpr std::size_t kCodesMax = 100;
constexpr std::size_t kCodeBytes = 16;

}  // namespace

LiveEngine::LiveEngine(Engine engine, SettingSources sources, std::string config_file)
    : engine_(std::make_shared<Engine>(std::move(engine))),
      sources_(std::move(sources)),
      config_file_(std::move(config_file)) {}

std::shared_ptr<Engine> LiveEngine::get() const {
  const std::lock_guard lock(mutex_);
  return engine_;
}

SettingSources LiveEngine::sources() const {
  const std::lock_guard lock(mutex_);
  return sources_;
}

Status LiveEngine::change(const std::map<std::string, std::optional<std::string>>& changes) {
  const std::lock_guard lock(mutex_);
  Settings settings = engine_->settings();
  SettingSources sources = sources_;
  for (const auto& [name, value] : changes) {
    if (value) {
      TRY(set_setting(settings, name, *value));
      sources[name] = config_file_;
      continue;
    }
    for (const SettingValue& row : list_settings({}, {})) {
      if (row.name == name) TRY(set_setting(settings, name, row.value));
    }
    sources.erase(name);
  }
  TRY(change_config_file(config_file_, changes));
  engine_ = std::make_shared<Engine>(engine_->with_settings(std::move(settings)));
  sources_ = std::move(sources);
  return {};
}

std::string OneTimeCodes::make() {
  const std::lock_guard lock(mutex_);
  if (codes_.size() >= kCodesMax) codes_.clear();  // Nobody opens a hundred links.
  std::string code = random_hex(kCodeBytes);
  codes_.emplace(code, std::chrono::steady_clock::now());
  return code;
}

bool OneTimeCodes::take(std::string_view code) {
  const std::lock_guard lock(mutex_);
  const auto at = codes_.find(code);
  if (at == codes_.end()) return false;
  const bool is_fresh = std::chrono::steady_clock::now() - at->second <= kCodeLife;
  codes_.erase(at);
  return is_fresh;
}

std::string page_link(Context& context) {
  std::string url = context.origin + "/";
  if (!context.token.empty()) url += "#code=" + context.codes.make();
  return url;
}

void watch_roots(Context& context) {
  if (!context.watcher) return;
  const auto named = context.engine.get()->named_roots();
  if (!named) return;
  std::set<std::string> roots;
  for (const auto& [collection, paths] : *named) roots.insert(paths.begin(), paths.end());
  context.watcher->watch({roots.begin(), roots.end()});
}

}  // namespace saerok::server
