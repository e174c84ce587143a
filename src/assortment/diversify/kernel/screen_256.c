/* The same by AVX2. It adds products of bytes in pairs of 16 bits, so x has 63 steps on either side of 0 and not 127. */
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "screen_means.h"

#define AVX2 __attribute__((target("avx2,fma")))
#define INLINE static inline __attribute__((always_inline))
#define HALF (SIDE / 2)
#define STEPS 63

static int here(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

/* Eight numbers of a row, 0 past its end, which is looked for only where they are not `whole`. */
AVX2 INLINE __m256 eight(const float *row, int at, int d, int whole) {
    static const int32_t there[2 * HALF] = {-1, -1, -1, -1, -1, -1, -1, -1};
    if (whole || at + HALF <= d) return _mm256_loadu_ps(row + at);
    if (at >= d) return _mm256_setzero_ps();
    return _mm256_maskload_ps(row + at, _mm256_loadu_si256((const __m256i *)(const void *)(there + HALF - (d - at))));
}

AVX2 static int32_t highest(__m256i numbers) {
    __m128i four = _mm_max_epi32(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256(numbers, 1));
    four = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_max_epi32(four, _mm_shuffle_epi32(four, 0xb1)));
}

AVX2 static int32_t total(__m256i numbers) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256(numbers, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1)));
}

AVX2 static float sum_of(__m256 numbers) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(numbers), _mm256_extractf128_ps(numbers, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

/* Floats that are not negative sort as the integers of their bits do. */
AVX2 INLINE __m256i larger(__m256i most, __m256 numbers) {
    return _mm256_max_epi32(most, _mm256_and_si256(_mm256_castps_si256(numbers), _mm256_set1_epi32(INT32_MAX)));
}

/* No number of any kind is above infinity. */
AVX2 static float largest_of(__m256i most) {
    const float infinite = INFINITY;
    int32_t above, bits = highest(most);
    memcpy(&above, &infinite, sizeof above);
    bits = bits > above ? above : bits;
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* Two rows of eight numbers in steps of 16 bits: in each half, four numbers of each. */
AVX2 INLINE __m256i two_rows(const float *const *rows, int at, int d, int whole, __m256 inverse, __m256i *most) {
    __m256 one = eight(rows[0], at, d, whole), other = eight(rows[1], at, d, whole);
    *most = larger(larger(*most, one), other);
    return _mm256_packs_epi32(_mm256_cvtps_epi32(_mm256_mul_ps(one, inverse)), _mm256_cvtps_epi32(_mm256_mul_ps(other, inverse)));
}

/* Eight rows of eight numbers as bytes, half of the columns in each of two places. */
AVX2 INLINE void eight_rows(const float *const *rows, int at, int d, int whole, __m256 inverse, __m256i *most, __m256i *into) {
    __m256i a = two_rows(rows, at, d, whole, inverse, most), b = two_rows(rows + 2, at, d, whole, inverse, most);
    __m256i c = two_rows(rows + 4, at, d, whole, inverse, most), e = two_rows(rows + 6, at, d, whole, inverse, most);
    __m256i one = _mm256_packs_epi16(a, b), other = _mm256_packs_epi16(c, e), zero = _mm256_set1_epi8((char)0x80);
    _mm256_store_si256(into, _mm256_xor_si256(_mm256_permute2x128_si256(one, other, 0x20), zero));
    _mm256_store_si256(into + 2, _mm256_xor_si256(_mm256_permute2x128_si256(one, other, 0x31), zero));
}

AVX2 INLINE void sixteen_rows(const float *const *rows, int at, int d, int whole, __m256 inverse, __m256i *most, uint8_t *block) {
    __m256i *into = (__m256i *)(void *)(block + at * SIDE);
    eight_rows(rows, at, d, whole, inverse, most, into);
    eight_rows(rows + HALF, at, d, whole, inverse, most + 1, into + 1);
}

/* Ask for two lines of each quarter of the rows, as four streams come from far memory faster than one. */
AVX2 INLINE void fetch(const float *const *rows, int row, int at) {
    for (int quarter = 0; quarter < SIDE; quarter += SIDE / 4) {
        _mm_prefetch((const char *)(rows[quarter + row] + at), _MM_HINT_T0);
        _mm_prefetch((const char *)(rows[quarter + row] + at + LINE), _MM_HINT_T0);
    }
}

AVX2 static float copy_block(const float *const *rows, const float *const *next, int d, float inverse, uint8_t *block) {
    __m256i most[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    __m256 by = _mm256_set1_ps(inverse);
    int at = 0;
    for (int row = 0, ahead = 0; at + HALF <= d; at += HALF) {
        fetch(next, row, ahead);
        ahead += 2 * LINE;
        if (ahead >= d) {
            row = (row + 1) % (SIDE / 4);
            ahead = 0;
        }
        sixteen_rows(rows, at, d, 1, by, most, block);
    }
    for (; at < chunks_of(d) * SIDE; at += HALF) sixteen_rows(rows, at, d, 0, by, most, block);
    return largest_of(_mm256_max_epi32(most[0], most[1]));
}

AVX2 static float largest(const float *x, int d) {
    __m256i most = _mm256_setzero_si256();
    for (int at = 0; at < d; at += HALF) most = larger(most, eight(x, at, d, 0));
    return largest_of(most);
}

AVX2 static float coarsen(Screen *screen, const float *x, int *sum, float *length, float *off) {
    int d = screen->d;
    float step = largest(x, d) / STEPS, inverse = step > SMALL ? 1 / step : 0;
    __m256 square = _mm256_setzero_ps(), distance = _mm256_setzero_ps();
    __m256i all = _mm256_setzero_si256();
    for (int at = 0; at < chunks_of(d) * SIDE; at += HALF) {
        __m256 numbers = eight(x, at, d, 0);
        __m256i bytes = _mm256_cvtps_epi32(_mm256_mul_ps(numbers, _mm256_set1_ps(inverse)));
        __m256 apart = _mm256_fnmadd_ps(_mm256_cvtepi32_ps(bytes), _mm256_set1_ps(step), numbers);
        all = _mm256_add_epi32(all, bytes);
        square = _mm256_fmadd_ps(numbers, numbers, square);
        distance = _mm256_fmadd_ps(apart, apart, distance);
        __m128i narrow = _mm_packs_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
        _mm_storel_epi64((__m128i *)(void *)(screen->coarse + at), _mm_packs_epi16(narrow, narrow));
    }
    *sum = total(all);
    *length = sqrtf(sum_of(square));
    *off = sqrtf(sum_of(distance));
    return step;
}

AVX2 static inline __m256i add_products(__m256i sums, const uint8_t *bytes, __m256i four) {
    __m256i pairs = _mm256_maddubs_epi16(_mm256_load_si256((const __m256i *)(const void *)bytes), four);
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

AVX2 static void tell(__m256i sums, float step, float *products) {
    _mm256_storeu_ps(products, _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_set1_ps(step)));
}

AVX2 static void look_at(const Screen *screen, int block, int count, float step, int sum, float *products) {
    size_t bytes = (size_t)block_bytes(screen->d);
    const uint8_t *a = screen->blocks + (size_t)block * bytes, *b = a + (count > 1 ? bytes : 0), *c = b + (count > 2 ? bytes : 0);
    const uint8_t *e = c + (count > 3 ? bytes : 0);
    __m256i start = _mm256_set1_epi32(-128 * sum), low[4] = {start, start, start, start}, high[4] = {start, start, start, start};
    for (size_t at = 0; at < bytes; at += 64) {
        int32_t numbers;
        memcpy(&numbers, screen->coarse + at / SIDE, sizeof numbers);
        __m256i four = _mm256_set1_epi32(numbers);
        low[0] = add_products(low[0], a + at, four);
        high[0] = add_products(high[0], a + at + 32, four);
        low[1] = add_products(low[1], b + at, four);
        high[1] = add_products(high[1], b + at + 32, four);
        low[2] = add_products(low[2], c + at, four);
        high[2] = add_products(high[2], c + at + 32, four);
        low[3] = add_products(low[3], e + at, four);
        high[3] = add_products(high[3], e + at + 32, four);
    }
    for (int i = 0; i < count; i++) {
        tell(low[i], step * screen->steps[block + i], products + (block + i) * SIDE);
        tell(high[i], step * screen->steps[block + i], products + (block + i) * SIDE + HALF);
    }
}

const Means bytes_of_256 = {here, copy_block, coarsen, look_at};

#endif
