#include "models/safetensors.h"

#include <utility>

#include "base/bytes.h"
#include "base/json.h"

namespace saerok {
namespace {

/// Of the header; those of large models have 100 kB.
constexpr std::uint64_t kHeaderBytesMax = 4 << 20;

Error corrupt(std::string_view what) {
  return {ErrorCode::corrupt, "the safetensors file is broken: " + std::string(what)};
}

Result<std::vector<std::uint64_t>> read_counts(const Json& object, std::string_view name) {
  const Json* member = find_member(object, name);
  if (member == nullptr || !member->is_array())
    return corrupt("a tensor has no " + std::string(name));
  std::vector<std::uint64_t> counts;
  for (const Json& count : *member) {
    if (!count.is_number_unsigned()) return corrupt("a number makes no sense");
    counts.push_back(count.get<std::uint64_t>());
  }
  return counts;
}

}  // namespace

Result<SafeTensors> read_safetensors(std::span<const std::byte> file) {
  ByteReader reader(file);
  const auto header_size = reader.get<std::uint64_t>();
  if (reader.failed() || header_size > kHeaderBytesMax || header_size > file.size() - 8) {
    return corrupt("it does not say how long its header is");
  }
  const auto header = TRY(parse_json(as_text(reader.get_bytes(header_size)), "its header"));
  if (!header.is_object()) return corrupt("its header is no list of tensors");
  const std::span<const std::byte> bytes = file.subspan(8 + header_size);
  SafeTensors tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    SafeTensor tensor;
    tensor.type = find_text(entry, "dtype").value_or("");
    tensor.shape = TRY(read_counts(entry, "shape"));
    const auto offsets = TRY(read_counts(entry, "data_offsets"));
    if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > bytes.size()) {
      return corrupt("tensor " + name + " lies outside of it");
    }
    tensor.data = bytes.subspan(offsets[0], offsets[1] - offsets[0]);
    tensors.emplace(name, std::move(tensor));
  }
  return tensors;
}

}  // namespace saerok
