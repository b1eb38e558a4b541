#include "models/gguf_reader.h"

#include <array>
#include <cstring>

#include "base/assert.h"
#include "models/gguf_blocks.h"

namespace saerok {
namespace {

constexpr std::uint64_t kKeysMax = 65'536;
constexpr std::uint64_t kTensorsMax = 1'000'000;
constexpr std::uint64_t kDefaultAlignment = 32;

enum ValueType : std::uint32_t {
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kUint32,
  kInt32,
  kFloat32,
  kBool,
  kText,
  kArray,
  kUint64,
  kInt64,
  kFloat64,
  kValueTypes
};
constexpr std::array<std::uint64_t, kValueTypes> kValueSize{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

constexpr std::uint32_t kF32 = 0;  // ggml's number of the type that needs no unpacking.

template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

Error broken(const std::string& path, std::string_view reason) {
  return {ErrorCode::corrupt,
          path + " is not a usable GGUF file: " + std::string(reason) + "; fetch or copy it again"};
}

std::string_view read_text(ByteReader& reader) {
  return as_text(reader.get_bytes(reader.get<std::uint64_t>()));
}

}  // namespace

bool is_readable(std::uint32_t tensor_type) { return weight_block(tensor_type).bytes > 0; }

void read_row(const GgufTensor& tensor, std::uint64_t row, std::span<float> to) {
  const WeightBlock block = weight_block(tensor.type);
  ASSERT(block.bytes > 0 && row < tensor.rows && to.size() == tensor.row_length);
  const std::byte* at =
      tensor.data.data() + row * (tensor.row_length / block.weights) * block.bytes;
  if (tensor.type == kF32) {
    std::memcpy(to.data(), at, to.size_bytes());
    return;
  }
  for (std::size_t i = 0; i < to.size(); i += block.weights, at += block.bytes) {
    unpack_block(tensor.type, at, to.data() + i);
  }
}

Result<GgufReader> GgufReader::open(const std::string& path) {
  GgufReader made(TRY(ModelFile::open(path)));
  TRY(made.read(path));
  return made;
}

Status GgufReader::read(const std::string& path) {
  ByteReader reader(file_.bytes());
  if (as_text(reader.get_bytes(4)) != "GGUF") {
    return Error{ErrorCode::invalid_argument, path + " is not a GGUF model file"};
  }
  const auto version = reader.get<std::uint32_t>();
  const auto tensor_count = reader.get<std::uint64_t>();
  const auto key_count = reader.get<std::uint64_t>();
  if (reader.failed() || (version != 2 && version != 3)) {
    return broken(path, "version " + std::to_string(version) + " is not 2 or 3");
  }
  if (tensor_count > kTensorsMax || key_count > kKeysMax) {
    return broken(path, "its counts make no sense");
  }
  for (std::uint64_t i = 0; i < key_count; ++i) {
    const std::string_view key = read_text(reader);
    Value value;
    if (!read_value(reader, value)) return broken(path, "its header is cut or broken");
    keys_.emplace(key, value);
  }
  return read_tensors(reader, tensor_count, path);
}

bool GgufReader::read_value(ByteReader& reader, Value& value) const {
  value.type = reader.get<std::uint32_t>();
  if (reader.failed() || value.type >= kValueTypes) return false;
  if (value.type == kText) {
    value.bytes = as_byte_span(read_text(reader));
  } else if (value.type != kArray) {
    value.bytes = reader.get_bytes(kValueSize[value.type]);
  } else {
    value.element_type = reader.get<std::uint32_t>();
    value.count = reader.get<std::uint64_t>();
    if (reader.failed() || value.element_type >= kValueTypes || value.element_type == kArray ||
        value.count > file_.bytes().size()) {
      return false;
    }
    const std::size_t begin = reader.position();
    if (value.element_type == kText) {
      for (std::uint64_t i = 0; i < value.count && !reader.failed(); ++i) read_text(reader);
    } else {  // No overflow: the count is at most the file's size.
      reader.get_bytes(value.count * kValueSize[value.element_type]);
    }
    if (!reader.failed()) value.bytes = file_.bytes().subspan(begin, reader.position() - begin);
  }
  return !reader.failed();
}

Status GgufReader::read_tensors(ByteReader& reader, std::uint64_t count, const std::string& path) {
  std::vector<std::pair<std::string_view, std::uint64_t>> offsets;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string_view name = read_text(reader);
    const auto dimensions = reader.get<std::uint32_t>();
    if (reader.failed() || dimensions < 1 || dimensions > 4) {
      return broken(path, "a tensor has no shape");
    }
    GgufTensor tensor;
    tensor.rows = 1;
    tensor.row_length = reader.get<std::uint64_t>();
    for (std::uint32_t d = 1; d < dimensions; ++d) {
      if (__builtin_mul_overflow(tensor.rows, reader.get<std::uint64_t>(), &tensor.rows)) {
        return broken(path, "a tensor is larger than the file");
      }
    }
    tensor.type = reader.get<std::uint32_t>();
    const auto offset = reader.get<std::uint64_t>();
    if (reader.failed() || !tensors_.emplace(name, tensor).second) {
      return broken(path, "its list of tensors is cut or names one twice");
    }
    offsets.emplace_back(name, offset);
  }
  const std::uint64_t alignment = number("general.alignment").value_or(kDefaultAlignment);
  if (alignment == 0 || alignment > 65'536) return broken(path, "its alignment makes no sense");
  const std::uint64_t data = (reader.position() + alignment - 1) / alignment * alignment;
  for (const auto& [name, offset] : offsets) {
    GgufTensor& tensor = tensors_.find(name)->second;
    const WeightBlock block = weight_block(tensor.type);
    if (block.bytes == 0) continue;  // Whoever wants it is told by is_readable().
    std::uint64_t size = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    const bool overflows = tensor.row_length > file_.bytes().size() * block.weights ||
                           __builtin_mul_overflow(tensor.row_length / block.weights * block.bytes,
                                                  tensor.rows, &size) ||
                           __builtin_add_overflow(data, offset, &begin) ||
                           __builtin_add_overflow(begin, size, &end);
    if (overflows || end > file_.bytes().size() || tensor.row_length == 0 ||
        tensor.row_length % block.weights != 0) {
      return broken(path, "tensor " + std::string(name) + " does not lie inside the file");
    }
    tensor.data = file_.bytes().subspan(begin, size);
  }
  return {};
}

const GgufReader::Value* GgufReader::find(std::string_view key, std::uint32_t type) const {
  const auto found = keys_.find(key);
  return found != keys_.end() && found->second.type == type ? &found->second : nullptr;
}

std::span<const std::byte> GgufReader::array(std::string_view key,
                                             std::uint32_t element_type) const {
  const Value* value = find(key, kArray);
  if (value == nullptr || value->element_type != element_type) return {};
  return value->bytes;
}

std::optional<std::string_view> GgufReader::text(std::string_view key) const {
  const Value* value = find(key, kText);
  if (value == nullptr) return std::nullopt;
  return as_text(value->bytes);
}

std::optional<std::uint64_t> GgufReader::number(std::string_view key) const {
  for (const auto type : {kUint32, kUint64, kInt32, kInt64, kUint16, kUint8}) {
    const Value* value = find(key, type);
    if (value == nullptr) continue;
    std::uint64_t number = 0;
    std::memcpy(&number, value->bytes.data(), value->bytes.size());
    return number;
  }
  return std::nullopt;
}

std::optional<float> GgufReader::real(std::string_view key) const {
  const Value* value = find(key, kFloat32);
  if (value == nullptr) return std::nullopt;
  return load<float>(value->bytes.data());
}

std::optional<bool> GgufReader::flag(std::string_view key) const {
  const Value* value = find(key, kBool);
  if (value == nullptr) return std::nullopt;
  return value->bytes.front() != std::byte{0};
}

std::vector<std::string_view> GgufReader::texts(std::string_view key) const {
  const auto bytes = array(key, kText);
  ByteReader reader(bytes);
  std::vector<std::string_view> texts;
  if (!bytes.empty()) texts.reserve(find(key, kArray)->count);
  while (!reader.at_end() && !reader.failed()) texts.push_back(read_text(reader));
  return texts;
}

std::vector<float> GgufReader::reals(std::string_view key) const {
  const auto bytes = array(key, kFloat32);
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::vector<std::int32_t> GgufReader::integers(std::string_view key) const {
  const auto bytes = array(key, kInt32);
  std::vector<std::int32_t> values(bytes.size() / sizeof(std::int32_t));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::span<const std::byte> GgufReader::bytes(std::string_view key) const {
  const auto found = array(key, kUint8);
  return found.empty() ? array(key, kInt8) : found;
}

const GgufTensor* GgufReader::find_tensor(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace saerok
