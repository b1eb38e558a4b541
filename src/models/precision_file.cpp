// What a measurement chose, in a file beside the model; the measuring is in precision_choice.cpp.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>

#include "base/hash.h"
#include "base/posix_env.h"
#include "models/precision_choice.h"

namespace saerok {
namespace {

constexpr std::string_view kMagic = "saerok precision 1";

/// What follows "label" and a colon in the first line that begins so.
std::string_view field_of(std::string_view text, std::string_view label) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t colon = line.find(':');
    if (!line.starts_with(label) || colon == std::string_view::npos) continue;
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
  }
  return {};
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string contents(std::string_view processor, std::string_view precision) {
  return std::string(kMagic) + "\n" + std::string(processor) + "\n" + std::string(precision) + "\n";
}

}  // namespace

std::string processor_identity(std::string_view cpu_info) {
  // A virtual machine may have the name of a processor without all of its features.
  return std::string(field_of(cpu_info, "model name")) + ", " +
         to_hex(hash128(field_of(cpu_info, "flags"))).substr(0, 8);
}

std::string processor_identity() { return processor_identity(read_text("/proc/cpuinfo")); }

std::string precision_file(const std::string& model_path) { return model_path + ".precision"; }

std::optional<EncoderPrecision> precision_named(std::string_view name) {
  for (const auto precision :
       {EncoderPrecision::bf16, EncoderPrecision::int8, EncoderPrecision::f32}) {
    if (name_of(precision) == name) return precision;
  }
  return std::nullopt;
}

std::optional<EncoderPrecision> read_precision_choice(const std::string& model_path,
                                                      std::string_view processor) {
  const std::string text = read_text(precision_file(model_path));
  for (const auto precision :
       {EncoderPrecision::bf16, EncoderPrecision::int8, EncoderPrecision::f32}) {
    if (text == contents(processor, name_of(precision))) return precision;
  }
  return std::nullopt;
}

void write_precision_choice(const std::string& model_path, std::string_view processor,
                            std::string_view precision) {
  const std::string path = precision_file(model_path);
  const std::string text = contents(processor, precision);
  static_cast<void>(
      write_file_durably(posix_env(), path, path + ".new", std::as_bytes(std::span(text))));
}

}  // namespace saerok
