#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/assert.h"
#include "index/distance.h"
#include "index/vector_sections.h"
#include "index/vector_segment.h"

namespace saerok {
namespace {

/// Appends the row's codes with their filling and returns the scale that makes their length 1. The
/// codes' own length, and not the row's, so that no similarity leaves -1 to 1.
float append_codes(std::span<const float> row, std::vector<std::int8_t>& codes) {
  const std::size_t begin = codes.size();
  codes.resize(begin + row_stride(row.size()), 0);
  float largest = 0;
  for (const float component : row) {
    if (!std::isfinite(component)) return 0;
    largest = std::max(largest, std::fabs(component));
  }
  if (!(largest > 0)) return 0;
  std::int64_t squares = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto code = static_cast<int>(std::lround(row[i] / largest * 127.0f));
    codes[begin + i] = static_cast<std::int8_t>(code);
    squares += code * code;
  }
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(squares)));
}

}  // namespace

VectorSegmentBuilder::VectorSegmentBuilder(VectorTier tier, std::uint32_t dimension)
    : tier_(tier), dimension_(dimension) {
  ASSERT(dimension >= 1 && dimension <= kDimensionMax);
}

void VectorSegmentBuilder::add(ChunkId chunk, std::span<const Window> windows,
                               std::span<const float> rows) {
  ASSERT(rows.size() == windows.size() * dimension_);
  ASSERT(tier_ == VectorTier::window || windows.size() <= 1);
  chunks_.push_back(chunk);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    windows_.push_back(windows[i]);
    scales_.push_back(append_codes(rows.subspan(i * dimension_, dimension_), codes_));
  }
  ASSERT(scales_.size() <= std::numeric_limits<std::uint32_t>::max());
  row_starts_.push_back(static_cast<std::uint32_t>(scales_.size()));
}

std::size_t VectorSegmentBuilder::memory_size() const {
  return chunks_.capacity() * sizeof(ChunkId) + row_starts_.capacity() * sizeof(std::uint32_t) +
         windows_.capacity() * sizeof(Window) + scales_.capacity() * sizeof(float) +
         codes_.capacity();
}

/// Puts chunks and their rows in ascending order of ids; most builders are in it already.
void VectorSegmentBuilder::sort_chunks() {
  if (std::is_sorted(chunks_.begin(), chunks_.end())) return;
  std::vector<std::size_t> order(chunks_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [this](std::size_t a, std::size_t b) { return chunks_[a] < chunks_[b]; });
  const std::size_t stride = row_stride(dimension_);
  VectorSegmentBuilder sorted(tier_, dimension_);
  sorted.codes_.reserve(codes_.size());
  for (const std::size_t chunk : order) {
    sorted.chunks_.push_back(chunks_[chunk]);
    for (std::size_t row = row_starts_[chunk]; row < row_starts_[chunk + 1]; ++row) {
      sorted.windows_.push_back(windows_[row]);
      sorted.scales_.push_back(scales_[row]);
      const std::int8_t* codes = codes_.data() + row * stride;
      sorted.codes_.insert(sorted.codes_.end(), codes, codes + stride);
    }
    sorted.row_starts_.push_back(static_cast<std::uint32_t>(sorted.scales_.size()));
  }
  *this = std::move(sorted);
}

std::vector<std::byte> VectorSegmentBuilder::finish(std::string_view fingerprint) {
  sort_chunks();
  ASSERT(std::adjacent_find(chunks_.begin(), chunks_.end()) == chunks_.end());
  ASSERT(chunks_.size() <= std::numeric_limits<std::uint32_t>::max());
  SegmentFileWriter file(kVectorMagic);
  file.begin(kVectorPropertiesSection);
  file.out().put(static_cast<std::uint8_t>(tier_));
  file.out().put(dimension_);
  file.out().put(static_cast<std::uint32_t>(chunks_.size()));
  file.out().put(static_cast<std::uint32_t>(scales_.size()));
  file.out().put_string(fingerprint);
  file.begin(kVectorChunkIdsSection);
  file.out().append(chunks_.data(), chunks_.size() * sizeof(ChunkId));
  file.begin(kVectorRowStartsSection);
  file.out().append(row_starts_.data(), row_starts_.size() * sizeof(std::uint32_t));
  file.begin(kVectorWindowsSection);
  if (tier_ == VectorTier::window) {
    file.out().append(windows_.data(), windows_.size() * sizeof(Window));
  }
  file.begin(kVectorScalesSection);
  file.out().append(scales_.data(), scales_.size() * sizeof(float));
  file.begin(kVectorCodesSection);
  file.out().append(codes_.data(), codes_.size());
  *this = VectorSegmentBuilder(tier_, dimension_);
  return file.finish();
}

}  // namespace saerok
