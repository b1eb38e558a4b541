/// Named tensors in a safetensors file: a header in JSON, then the bytes. Only what an importer
/// needs, with every offset checked; nothing is converted.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "saerok/result.h"

namespace saerok {

struct SafeTensor {
  std::string type;                  ///< "F32", "F16", "I64" and so on.
  std::vector<std::uint64_t> shape;  ///< The length of a row last.
  std::span<const std::byte> data;
};
using SafeTensors = std::map<std::string, SafeTensor, std::less<>>;

/// Views `file`, which must outlive the result. Errors: corrupt.
Result<SafeTensors> read_safetensors(std::span<const std::byte> file);

}  // namespace saerok
