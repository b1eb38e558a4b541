#include "index/vector_segment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/assert.h"
#include "index/distance.h"
#include "index/vector_sections.h"

namespace saerok {
namespace {

// 256 rows of 384 codes stay in the second-level cache beside their dots and the matches.
constexpr std::uint32_t kBatchRows = 256;
constexpr std::uint32_t kRowsBetweenChecks = 4'096;

}  // namespace

struct VectorSegment::Impl {
  std::shared_ptr<const FileBytes> bytes;  // Keeps alive what the rest views.
  SegmentFileReader file;
  VectorTier tier = VectorTier::chunk;
  std::uint32_t dimension = 0;
  std::uint32_t row_count = 0;
  std::string fingerprint;
  std::span<const std::uint64_t> chunk_ids;
  std::span<const std::uint32_t> row_starts;
  std::span<const Window> windows;  // Empty for tier chunk.
  std::span<const float> scales;
  std::span<const std::int8_t> codes;

  Result<std::uint32_t> read_properties();
  Status check_rows() const;
  bool passes(std::span<const std::uint8_t> passing, std::size_t chunk) const {
    return passing.empty() || passing[chunk] != 0;
  }
  Window window(std::uint32_t row) const { return windows.empty() ? Window{} : windows[row]; }
  std::size_t end_of_batch(std::size_t begin, std::span<const std::uint8_t> passing) const;
  void append_best_rows(const QuantizedQuery& query, std::size_t begin, std::size_t end,
                        std::vector<VectorMatch>& out) const;
};

/// Returns the number of chunks.
Result<std::uint32_t> VectorSegment::Impl::read_properties() {
  ByteReader reader(TRY(file.section(kVectorPropertiesSection)));
  const auto tier_code = reader.get<std::uint8_t>();
  tier = static_cast<VectorTier>(tier_code);
  dimension = reader.get<std::uint32_t>();
  const auto chunk_count = reader.get<std::uint32_t>();
  row_count = reader.get<std::uint32_t>();
  fingerprint = reader.get_string();
  if (reader.failed() || !reader.at_end() || tier_code > 1 || dimension == 0 ||
      dimension > kDimensionMax) {
    return damaged_segment("its properties make no sense");
  }
  return chunk_count;
}

/// That row_starts is a partition of the rows: everything else indexes by it.
Status VectorSegment::Impl::check_rows() const {
  if (row_starts.front() != 0 || row_starts.back() != row_count ||
      !std::is_sorted(row_starts.begin(), row_starts.end())) {
    return damaged_segment("its rows do not add up");
  }
  return {};
}

/// The end of the passing chunks from `begin` on whose rows fill a batch; a chunk with more rows
/// than that is a batch of its own. `begin` itself if it does not pass.
std::size_t VectorSegment::Impl::end_of_batch(std::size_t begin,
                                              std::span<const std::uint8_t> passing) const {
  if (!passes(passing, begin)) return begin;
  std::size_t end = begin + 1;
  while (end < chunk_ids.size() && passes(passing, end) &&
         row_starts[end + 1] - row_starts[begin] <= kBatchRows) {
    ++end;
  }
  return end;
}

void VectorSegment::Impl::append_best_rows(const QuantizedQuery& query, std::size_t begin,
                                           std::size_t end, std::vector<VectorMatch>& out) const {
  const std::size_t stride = query.codes.size();
  std::array<std::int32_t, kBatchRows> dots;
  std::uint32_t dots_begin = row_starts[begin];  // Rows whose dots are at hand.
  std::uint32_t dots_end = dots_begin;
  for (std::size_t chunk = begin; chunk < end; ++chunk) {
    VectorMatch best{static_cast<ChunkId>(chunk_ids[chunk]), -2, {}};  // Below any similarity.
    for (std::uint32_t row = row_starts[chunk]; row < row_starts[chunk + 1]; ++row) {
      if (row == dots_end) {
        dots_begin = dots_end;
        const std::uint32_t count = std::min(kBatchRows, row_starts[end] - dots_begin);
        dots_end = dots_begin + count;
        file.look_at(codes.subspan(dots_begin * stride, count * stride));
        dot_rows(query.codes, codes.data() + dots_begin * stride, std::span(dots).first(count));
      }
      const float similarity =
          static_cast<float>(dots[row - dots_begin]) * query.scale * scales[row];
      if (similarity > best.similarity) {
        best.similarity = similarity;
        best.window = window(row);
      }
    }
    if (row_starts[chunk] == row_starts[chunk + 1]) continue;
    best.similarity = std::clamp(best.similarity, -1.0f, 1.0f);  // Rounding may step over.
    out.push_back(best);
  }
}

VectorSegment::VectorSegment(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VectorSegment::~VectorSegment() = default;

Result<std::shared_ptr<const VectorSegment>> VectorSegment::open(
    std::shared_ptr<const FileBytes> file) {
  auto impl = std::make_unique<Impl>();
  impl->bytes = std::move(file);
  impl->file = TRY(SegmentFileReader::open(impl->bytes->bytes(), kVectorMagic));
  for (const SectionKind kind :
       {kVectorPropertiesSection, kVectorChunkIdsSection, kVectorRowStartsSection,
        kVectorWindowsSection, kVectorScalesSection}) {
    TRY(impl->file.verify(kind));
  }
  const std::uint64_t chunk_count = TRY(impl->read_properties());
  const std::uint64_t rows = impl->row_count;
  impl->chunk_ids = TRY(impl->file.array<std::uint64_t>(kVectorChunkIdsSection, chunk_count));
  impl->row_starts = TRY(impl->file.array<std::uint32_t>(kVectorRowStartsSection, chunk_count + 1));
  impl->windows = TRY(
      impl->file.array<Window>(kVectorWindowsSection, impl->tier == VectorTier::window ? rows : 0));
  impl->scales = TRY(impl->file.array<float>(kVectorScalesSection, rows));
  impl->codes =
      TRY(impl->file.array<std::int8_t>(kVectorCodesSection, rows * row_stride(impl->dimension)));
  TRY(impl->check_rows());
  return std::shared_ptr<const VectorSegment>(new VectorSegment(std::move(impl)));
}

Status VectorSegment::verify() const { return impl_->file.verify_all(); }
Status VectorSegment::check_read() const { return impl_->file.check_looked_at(); }

VectorTier VectorSegment::tier() const { return impl_->tier; }
std::uint32_t VectorSegment::dimension() const { return impl_->dimension; }
std::string_view VectorSegment::fingerprint() const { return impl_->fingerprint; }
std::uint32_t VectorSegment::row_count() const { return impl_->row_count; }
std::span<const std::uint64_t> VectorSegment::chunk_ids() const { return impl_->chunk_ids; }

Status VectorSegment::scan(std::span<const float> query, std::span<const std::uint8_t> passes,
                           const CallContext& call, std::vector<VectorMatch>& out) const {
  const Impl& impl = *impl_;
  ASSERT(passes.empty() || passes.size() == impl.chunk_ids.size());
  if (query.size() != impl.dimension) {
    return Error{ErrorCode::invalid_argument,
                 "the query vector has " + std::to_string(query.size()) +
                     " components, the index has vectors of " + std::to_string(impl.dimension) +
                     "; search with the embedder that built the index"};
  }
  if (!std::all_of(query.begin(), query.end(), [](float x) { return std::isfinite(x); })) {
    return Error{ErrorCode::invalid_argument, "the query vector has a component that is no number"};
  }
  const QuantizedQuery quantized = quantize_query(query);
  std::uint32_t rows_unchecked = kRowsBetweenChecks;
  for (std::size_t chunk = 0; chunk < impl.chunk_ids.size();) {
    const std::size_t end = impl.end_of_batch(chunk, passes);
    if (end == chunk) {
      ++chunk;
      continue;
    }
    if (rows_unchecked >= kRowsBetweenChecks) {
      TRY(call.check());
      rows_unchecked = 0;
    }
    rows_unchecked += impl.row_starts[end] - impl.row_starts[chunk];
    impl.append_best_rows(quantized, chunk, end, out);
    chunk = end;
  }
  return impl.file.check_looked_at();
}

void VectorSegment::copy_into(std::span<const std::uint8_t> passes,
                              VectorSegmentBuilder& builder) const {
  const Impl& impl = *impl_;
  ASSERT(builder.tier_ == impl.tier && builder.dimension_ == impl.dimension);
  ASSERT(passes.empty() || passes.size() == impl.chunk_ids.size());
  const std::size_t stride = row_stride(impl.dimension);
  for (std::size_t chunk = 0; chunk < impl.chunk_ids.size(); ++chunk) {
    if (!impl.passes(passes, chunk)) continue;
    builder.chunks_.push_back(static_cast<ChunkId>(impl.chunk_ids[chunk]));
    const std::uint32_t begin = impl.row_starts[chunk];
    const std::uint32_t end = impl.row_starts[chunk + 1];
    for (std::uint32_t row = begin; row < end; ++row) {
      builder.windows_.push_back(impl.window(row));
      builder.scales_.push_back(impl.scales[row]);
    }
    const std::int8_t* codes = impl.codes.data();
    builder.codes_.insert(builder.codes_.end(), codes + begin * stride, codes + end * stride);
    builder.row_starts_.push_back(static_cast<std::uint32_t>(builder.scales_.size()));
  }
}

}  // namespace saerok
