// Compiled with -mavx2. Includes none of our headers: see distance.cpp.
#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace saerok {

// Declared in distance.cpp as well, which is its only caller.
void dot_rows_avx2(const std::int16_t* query, std::size_t stride, const std::int8_t* rows,
                   std::size_t count, std::int32_t* dots);

namespace {

/// 16 codes, widened, times 16 of the query, added in pairs.
inline __m256i products(const std::int16_t* query, const std::int8_t* row) {
  const __m128i codes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row));
  const __m256i query_codes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(query));
  return _mm256_madd_epi16(_mm256_cvtepi8_epi16(codes), query_codes);
}

inline std::int32_t sum_of(__m256i lanes) {
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return _mm_cvtsi128_si32(sum);
}

}  // namespace

void dot_rows_avx2(const std::int16_t* query, std::size_t stride, const std::int8_t* rows,
                   std::size_t count, std::int32_t* dots) {
  for (std::size_t row = 0; row < count; ++row, rows += stride) {
    __m256i even = _mm256_setzero_si256();
    __m256i odd = _mm256_setzero_si256();
    for (std::size_t i = 0; i < stride; i += 32) {
      even = _mm256_add_epi32(even, products(query + i, rows + i));
      odd = _mm256_add_epi32(odd, products(query + i + 16, rows + i + 16));
    }
    dots[row] = sum_of(_mm256_add_epi32(even, odd));
  }
}

}  // namespace saerok

#endif
