/// Items of work shared out among lanes, each with a thread of its own: whoever is done takes the
/// next, so that one slow item holds up no other.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "saerok/result.h"

namespace saerok {

/// Calls work(lane, item) for every item below `item_count`, in ascending order, each lane below
/// `lane_count` in one thread at a time; the caller's is the first. After an error nothing more is
/// begun; the result is the error of the lowest lane that had one. Returns when all is done.
inline Status run_in_lanes(std::size_t lane_count, std::size_t item_count,
                           const std::function<Status(std::size_t, std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> has_failed = false;
  std::vector<Status> outcomes(std::min(lane_count, item_count));
  const auto run = [&](std::size_t lane) {
    for (std::size_t item = next++; item < item_count && !has_failed; item = next++) {
      outcomes[lane] = work(lane, item);
      if (!outcomes[lane]) has_failed = true;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t lane = 1; lane < outcomes.size(); ++lane) threads.emplace_back(run, lane);
    if (!outcomes.empty()) run(0);
  }
  for (Status& outcome : outcomes) TRY(std::move(outcome));
  return {};
}

}  // namespace saerok
