#include "models/gguf.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "base/hash.h"
#include "base/subprocess.h"

namespace saerok {
namespace {

constexpr std::string_view kMagic = "GGUF";
constexpr std::uint64_t kKeysMax = 65'536;
constexpr std::uint64_t kTensorsMax = 1'000'000;
constexpr std::uint64_t kNameBytesMax = 65'535;
constexpr std::uint32_t kDimensionsMax = 4;
constexpr std::uint32_t kTensorTypeMax = 255;  // ggml has some 40; a number beyond is not a type.

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

/// A value of the header, as far as we care.
struct Value {
  std::string_view text;
  std::optional<std::uint64_t> number;
};

std::string_view read_text(ByteReader& reader) {
  return as_text(reader.get_bytes(reader.get<std::uint64_t>()));
}

std::optional<std::uint64_t> read_number(ByteReader& reader, std::uint32_t type) {
  switch (type) {
    case kUint8:
    case kBool: return reader.get<std::uint8_t>();
    case kUint16: return reader.get<std::uint16_t>();
    case kUint32: return reader.get<std::uint32_t>();
    case kUint64: return reader.get<std::uint64_t>();
    case kInt32: {
      const auto value = reader.get<std::int32_t>();
      if (value < 0) return std::nullopt;
      return static_cast<std::uint64_t>(value);
    }
    default: reader.get_bytes(kValueSize[type]); return std::nullopt;
  }
}

/// False: the grammar is broken.
bool skip_array(ByteReader& reader, std::uint64_t file_bytes) {
  const auto type = reader.get<std::uint32_t>();
  const auto count = reader.get<std::uint64_t>();
  if (reader.failed() || type >= kValueTypes || type == kArray || count > file_bytes) return false;
  if (type == kText) {
    for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) read_text(reader);
  } else {
    reader.get_bytes(count * kValueSize[type]);  // No overflow: count is at most the file's size.
  }
  return !reader.failed();
}

std::optional<Value> read_value(ByteReader& reader, std::uint64_t file_bytes) {
  const auto type = reader.get<std::uint32_t>();
  Value value;
  if (reader.failed() || type >= kValueTypes) return std::nullopt;
  if (type == kArray) {
    if (!skip_array(reader, file_bytes)) return std::nullopt;
  } else if (type == kText) {
    value.text = read_text(reader);
  } else {
    value.number = read_number(reader, type);
  }
  if (reader.failed()) return std::nullopt;
  return value;
}

/// Numbers by key: the architecture, which begins their keys, may come after them.
using Numbers = std::map<std::string, std::uint64_t, std::less<>>;

void note(GgufInfo& info, Numbers& numbers, std::string_view key, const Value& value) {
  if (key == "general.architecture") info.architecture = value.text;
  if (key == "general.name") info.name = value.text;
  if (key == "general.license") info.license = value.text;
  if (key == "saerok.source_sha256") info.source_sha256 = value.text;
  if (key == "saerok.query_prefix") info.query_prefix = value.text;
  if (key == "saerok.passage_prefix") info.passage_prefix = value.text;
  if (key == "tokenizer.chat_template") info.has_chat_template = !value.text.empty();
  if (value.number) numbers.try_emplace(std::string(key), *value.number);
}

void note_numbers(GgufInfo& info, const Numbers& numbers) {
  const auto find = [&](std::string_view end) -> std::optional<std::uint64_t> {
    const auto found = numbers.find(info.architecture + std::string(end));
    if (found == numbers.end()) return std::nullopt;
    return found->second;
  };
  if (const auto pooling = find(".pooling_type")) {
    info.pooling = static_cast<std::uint32_t>(*pooling);
  }
  info.context_tokens = find(".context_length").value_or(0);
  info.embedding_length = find(".embedding_length").value_or(0);
}

/// Some heads have a layer "cls" below the one that scores, some score with it.
void note_score_head(GgufInfo& info, std::string_view name, std::uint64_t outputs) {
  if (name == "cls.output.weight") info.score_outputs = outputs;
  if (name == "cls.weight" && outputs == 1 && info.score_outputs == 0) info.score_outputs = 1;
}

/// The offset of the tensor that a broken description would place outside the file, or nothing.
/// Notes the head.
std::optional<std::string> check_tensors(ByteReader& reader, GgufInfo& info) {
  std::uint64_t furthest = 0;
  for (std::uint64_t i = 0; i < info.tensor_count; ++i) {
    const auto name_size = reader.get<std::uint64_t>();
    if (name_size > kNameBytesMax) return "a tensor's name is longer than the format allows";
    const std::string_view name = as_text(reader.get_bytes(name_size));
    const auto dimensions = reader.get<std::uint32_t>();
    if (dimensions > kDimensionsMax) return "a tensor has more than four dimensions";
    std::uint64_t elements = 1, row_length = 1;
    for (std::uint32_t d = 0; d < dimensions; ++d) {
      const auto length = reader.get<std::uint64_t>();
      // A weight takes at least an eighth of a byte.
      if (__builtin_mul_overflow(elements, length, &elements) || elements / 8 > info.file_bytes) {
        return "a tensor is larger than the file";
      }
      if (d == 0) row_length = length;
    }
    if (row_length > 0) note_score_head(info, name, elements / row_length);
    if (reader.get<std::uint32_t>() > kTensorTypeMax) return "a tensor has an unknown type";
    furthest = std::max(furthest, reader.get<std::uint64_t>());
    if (reader.failed()) return "the list of tensors is cut";
  }
  if (furthest > info.file_bytes - reader.position()) return "a tensor begins after the file's end";
  return std::nullopt;
}

std::string identity_of(std::span<const std::byte> bytes, std::size_t header_size) {
  constexpr std::size_t kBlocks = 256;
  constexpr std::size_t kBlockBytes = 4096;
  Hasher128 hasher;
  const std::uint64_t size = bytes.size();
  hasher.feed(as_text(std::as_bytes(std::span(&size, 1))));
  hasher.feed(as_text(bytes.first(header_size)));
  const auto weights = bytes.subspan(header_size);
  if (weights.size() <= kBlocks * kBlockBytes) {
    hasher.feed(as_text(weights));
  } else {
    const std::size_t stride = (weights.size() - kBlockBytes) / (kBlocks - 1);
    for (std::size_t i = 0; i < kBlocks; ++i) {
      hasher.feed(as_text(weights.subspan(i * stride, kBlockBytes)));
    }
  }
  return to_hex(hasher.finish()).substr(0, 16);
}

Error broken(const std::string& path, std::string_view reason) {
  return {ErrorCode::corrupt,
          path + " is not a usable GGUF file: " + std::string(reason) + "; fetch or copy it again"};
}

Error write_error(const std::string& path, int code) {
  return {code == ENOSPC || code == EDQUOT ? ErrorCode::out_of_space : ErrorCode::unavailable,
          "could not write " + path + ": " + std::strerror(code)};
}

Status write_all(int fd, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), std::min<std::size_t>(bytes.size(), 1 << 22));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return write_error(path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

constexpr std::uint64_t kAlignment = 32;
constexpr std::uint64_t aligned(std::uint64_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

void put_long_text(ByteWriter& writer, std::string_view text) {
  writer.put<std::uint64_t>(text.size());
  writer.append(text.data(), text.size());
}

}  // namespace

Result<ModelFile> ModelFile::open(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts{};
  if (file.get() < 0 || fstat(file.get(), &facts) != 0) {
    const int code = errno;
    return Error{code == ENOENT || code == ENOTDIR ? ErrorCode::not_found : ErrorCode::unavailable,
                 "could not open " + path + ": " + std::strerror(code)};
  }
  if (!S_ISREG(facts.st_mode)) {
    return Error{ErrorCode::invalid_argument, path + " is not a file"};
  }
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size == 0) return ModelFile({});
  void* at = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (at == MAP_FAILED) {
    return Error{ErrorCode::unavailable, "could not map " + path + ": " + std::strerror(errno)};
  }
  return ModelFile({static_cast<const std::byte*>(at), size});
}

ModelFile::~ModelFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

bool GgufInfo::is_embedder() const {
  if (is_reranker()) return false;
  return pooling.value_or(0) != 0 || architecture.find("bert") != std::string::npos ||
         architecture == "t5encoder" || architecture == "gemma-embedding";
}

Result<GgufInfo> read_gguf_info(const std::string& path) {
  const ModelFile file = TRY(ModelFile::open(path));
  ByteReader reader(file.bytes());
  if (as_text(reader.get_bytes(kMagic.size())) != kMagic) {
    return Error{ErrorCode::invalid_argument, path + " is not a GGUF model file"};
  }
  const auto version = reader.get<std::uint32_t>();
  if (version != 2 && version != 3) {
    return broken(path, "version " + std::to_string(version) + " is not 2 or 3");
  }
  GgufInfo info;
  info.file_bytes = file.bytes().size();
  info.tensor_count = reader.get<std::uint64_t>();
  const auto key_count = reader.get<std::uint64_t>();
  if (reader.failed() || info.tensor_count > kTensorsMax || key_count > kKeysMax) {
    return broken(path, "its counts make no sense");
  }
  Numbers numbers;
  for (std::uint64_t i = 0; i < key_count; ++i) {
    const auto key_size = reader.get<std::uint64_t>();
    if (key_size > kNameBytesMax) return broken(path, "a key is longer than the format allows");
    const std::string_view key = as_text(reader.get_bytes(key_size));
    const std::optional<Value> value = read_value(reader, info.file_bytes);
    if (!value) return broken(path, "its header is cut or broken");
    note(info, numbers, key, *value);
  }
  note_numbers(info, numbers);
  if (const auto reason = check_tensors(reader, info)) return broken(path, *reason);
  if (info.architecture.empty()) return broken(path, "it names no architecture");
  info.identity = identity_of(file.bytes(), reader.position());
  return info;
}

void GgufWriter::begin_value(std::string_view key, std::uint32_t type) {
  put_long_text(keys_, key);
  keys_.put(type);
  ++key_count_;
}

void GgufWriter::begin_array(std::string_view key, std::uint32_t type, std::size_t count) {
  begin_value(key, kArray);
  keys_.put(type);
  keys_.put<std::uint64_t>(count);
}

void GgufWriter::put_text(std::string_view key, std::string_view value) {
  begin_value(key, kText);
  put_long_text(keys_, value);
}
void GgufWriter::put_count(std::string_view key, std::uint32_t value) {
  begin_value(key, kUint32);
  keys_.put(value);
}
void GgufWriter::put_real(std::string_view key, float value) {
  begin_value(key, kFloat32);
  keys_.put(value);
}
void GgufWriter::put_flag(std::string_view key, bool value) {
  begin_value(key, kBool);
  keys_.put<std::uint8_t>(value ? 1 : 0);
}
void GgufWriter::put_texts(std::string_view key, std::span<const std::string> values) {
  begin_array(key, kText, values.size());
  for (const std::string& value : values) put_long_text(keys_, value);
}
void GgufWriter::put_reals(std::string_view key, std::span<const float> values) {
  begin_array(key, kFloat32, values.size());
  keys_.append(values.data(), values.size_bytes());
}
void GgufWriter::put_integers(std::string_view key, std::span<const std::int32_t> values) {
  begin_array(key, kInt32, values.size());
  keys_.append(values.data(), values.size_bytes());
}

void GgufWriter::put_bytes(std::string_view key, std::span<const std::byte> values) {
  begin_array(key, kUint8, values.size());
  keys_.append(values.data(), values.size());
}

void GgufWriter::add_tensor(std::string_view name, std::span<const std::uint64_t> shape,
                            GgufTensorType type, std::span<const std::byte> data) {
  put_long_text(tensors_, name);
  tensors_.put(static_cast<std::uint32_t>(shape.size()));
  for (const std::uint64_t length : shape) tensors_.put(length);
  tensors_.put(static_cast<std::uint32_t>(type));
  tensors_.put(data_size_);
  data_.push_back(data);
  data_size_ += aligned(data.size());
}

Status GgufWriter::write(const std::string& path) const {
  ByteWriter head;
  head.append(kMagic.data(), kMagic.size());
  head.put<std::uint32_t>(3);
  head.put<std::uint64_t>(data_.size());
  head.put(key_count_);
  head.append(keys_.bytes().data(), keys_.size());
  head.append(tensors_.bytes().data(), tensors_.size());
  head.align(kAlignment);

  const std::string part = path + ".part";
  const FileDescriptor file(open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) return write_error(part, errno);
  const std::array<std::byte, kAlignment> zeros{};
  Status written = write_all(file.get(), head.bytes(), part);
  for (const auto data : data_) {
    if (written) written = write_all(file.get(), data, part);
    if (written) {
      written =
          write_all(file.get(), std::span(zeros).first(aligned(data.size()) - data.size()), part);
    }
  }
  if (written && fsync(file.get()) != 0) written = write_error(part, errno);
  if (written && rename(part.c_str(), path.c_str()) != 0) written = write_error(path, errno);
  if (!written) unlink(part.c_str());
  return written;
}

}  // namespace saerok
