/// The bytes of a finished segment as a file that never was on a disk: for tests and benchmarks.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "saerok/storage.h"

namespace saerok {

class MemoryFile final : public FileBytes {
 public:
  explicit MemoryFile(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  std::span<const std::byte> bytes() const override { return bytes_; }

  static std::shared_ptr<const FileBytes> of(std::vector<std::byte> bytes) {
    return std::make_shared<MemoryFile>(std::move(bytes));
  }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace saerok
