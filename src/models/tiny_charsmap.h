/// Makes a SentencePiece table for normalising text (charsmap.h), for tests: what a model's trainer
/// compiles into it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace saerok {

class CharsmapBuilder {
 public:
  /// `replacements`: no key is empty or holds a zero.
  static std::vector<std::byte> build(const std::map<std::string, std::string>& replacements) {
    CharsmapBuilder builder;
    builder.entries_.assign(replacements.begin(), replacements.end());
    builder.units_.resize(1);
    builder.is_used_.resize(1, true);
    if (!replacements.empty()) builder.place(0, 0, builder.entries_.size(), 0);
    ByteWriter writer;
    writer.put(static_cast<std::uint32_t>(builder.units_.size() * sizeof(std::uint32_t)));
    for (const std::uint32_t unit : builder.units_) writer.put(unit);
    writer.append(builder.texts_.data(), builder.texts_.size());
    return {writer.bytes().begin(), writer.bytes().end()};
  }

 private:
  /// The byte at `depth` of an entry's key; 0 where the key ends.
  std::uint32_t label(std::size_t entry, std::size_t depth) const {
    const std::string& key = entries_[entry].first;
    return depth < key.size() ? static_cast<unsigned char>(key[depth]) : 0;
  }

  /// Gives the node `node` of the entries [begin, end), alike up to `depth`, its children.
  void place(std::uint32_t node, std::size_t begin, std::size_t end, std::size_t depth) {
    std::vector<std::pair<std::uint32_t, std::size_t>> children;  // A label, and where it ends.
    for (std::size_t i = begin; i < end; ++i) {
      if (children.empty() || children.back().first != label(i, depth)) {
        children.emplace_back(label(i, depth), i);
      }
      children.back().second = i + 1;
    }
    const std::uint32_t base = find_base(children);
    units_[node] |= (base ^ node) << 10;
    for (const auto& [byte, child_end] : children) is_used_[base ^ byte] = true;
    for (const auto& [byte, child_end] : children) {
      const std::uint32_t child = base ^ byte;
      if (byte == 0) {
        units_[node] |= 1u << 8;
        units_[child] = 1u << 31 | static_cast<std::uint32_t>(texts_.size());
        texts_ += entries_[begin].second + '\0';
      } else {
        units_[child] |= byte;
        place(child, begin, child_end, depth + 1);
      }
      begin = child_end;
    }
  }

  /// The first number with room for all the children that no other node has.
  std::uint32_t find_base(const std::vector<std::pair<std::uint32_t, std::size_t>>& children) {
    for (std::uint32_t base = first_;; ++base) {
      bool fits = !bases_.contains(base);
      if ((base | 0xffu) >= units_.size()) {
        units_.resize((base | 0xffu) + 1);
        is_used_.resize(units_.size());
      }
      for (const auto& [byte, child_end] : children) fits = fits && !is_used_[base ^ byte];
      if (!fits) continue;
      bases_.insert(base);
      if (base > first_ + 4096) first_ = base - 4096;  // What is left behind is nearly full.
      return base;
    }
  }

  std::vector<std::pair<std::string, std::string>> entries_;
  std::vector<std::uint32_t> units_;
  std::vector<bool> is_used_;
  std::set<std::uint32_t> bases_;
  std::uint32_t first_ = 1;
  std::string texts_;
};

}  // namespace saerok
