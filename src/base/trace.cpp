#include "base/trace.h"

#include <algorithm>
#include <utility>

namespace saerok {

Status Trace::begin(std::string_view stage) {
  end_stage();
  if (Status status = call_.check(); !status) return status;
  report_.stages.push_back({std::string(stage), 0, 0, 0});
  began_ = std::chrono::steady_clock::now();
  in_stage_ = true;
  return {};
}

void Trace::count(std::uint64_t in, std::uint64_t out) {
  if (report_.stages.empty()) return;
  report_.stages.back().in = in;
  report_.stages.back().out = out;
}

void Trace::warn(std::string warning) {
  auto& warnings = report_.warnings;
  if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) {
    warnings.push_back(std::move(warning));
  }
}

Report Trace::finish() {
  end_stage();
  return std::exchange(report_, {});
}

void Trace::end_stage() {
  if (!in_stage_) return;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began_;
  report_.stages.back().ms = took.count();
  in_stage_ = false;
}

}  // namespace saerok
