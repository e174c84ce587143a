/* Sixteen registers' worth of bytes at a time, by AVX-512 VNNI. */
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#include <math.h>

#include "screen_means.h"

#define VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define INFINITE 0x7f800000

static int here(void) { return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw"); }

VNNI static __m512 chunk(const float *row, int at, int d) {
    __mmask16 there = d - at >= SIDE ? 0xffff : (__mmask16)((1u << (d - at)) - 1);
    return _mm512_maskz_loadu_ps(there, row + at);
}

VNNI static float largest(const float *row, int d) {
    __m512i most = _mm512_setzero_si512(), size = _mm512_set1_epi32(INT32_MAX);
    for (int at = 0; at < d; at += SIDE) most = _mm512_max_epi32(most, _mm512_and_si512(_mm512_castps_si512(chunk(row, at, d)), size));
    int bits = _mm512_reduce_max_epi32(most);
    return bits >= INFINITE ? INFINITY : _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(bits)));
}

VNNI static __m512i whole(const float *row, int at, int d, float inverse) {
    return _mm512_cvtps_epi32(_mm512_mul_ps(chunk(row, at, d), _mm512_set1_ps(inverse)));
}

/* Four rows of sixteen numbers as bytes: in each quarter, four numbers of each row. */
VNNI static __m512i four_rows(const float *const *rows, int at, int d, float inverse) {
    __m512i low = _mm512_packs_epi32(whole(rows[0], at, d, inverse), whole(rows[1], at, d, inverse));
    __m512i high = _mm512_packs_epi32(whole(rows[2], at, d, inverse), whole(rows[3], at, d, inverse));
    return _mm512_packs_epi16(low, high);
}

VNNI static float copy_block(const float *const *rows, const float *const *next, int d, float inverse, uint8_t *block) {
    (void)next;
    float most = 0;
    for (int row = 0; row < SIDE; row++) most = fmaxf(most, largest(rows[row], d));
    __m512i zero = _mm512_set1_epi8((char)0x80);
    for (int at = 0; at < d; at += SIDE, block += SIDE * SIDE) {
        __m512i a = four_rows(rows, at, d, inverse), b = four_rows(rows + 4, at, d, inverse);
        __m512i c = four_rows(rows + 8, at, d, inverse), e = four_rows(rows + 12, at, d, inverse);
        __m512i first = _mm512_shuffle_i32x4(a, b, 0x44), second = _mm512_shuffle_i32x4(c, e, 0x44);
        __m512i third = _mm512_shuffle_i32x4(a, b, 0xee), fourth = _mm512_shuffle_i32x4(c, e, 0xee);
        _mm512_storeu_si512(block, _mm512_xor_si512(_mm512_shuffle_i32x4(first, second, 0x88), zero));
        _mm512_storeu_si512(block + 64, _mm512_xor_si512(_mm512_shuffle_i32x4(first, second, 0xdd), zero));
        _mm512_storeu_si512(block + 128, _mm512_xor_si512(_mm512_shuffle_i32x4(third, fourth, 0x88), zero));
        _mm512_storeu_si512(block + 192, _mm512_xor_si512(_mm512_shuffle_i32x4(third, fourth, 0xdd), zero));
    }
    return most;
}

VNNI static float coarsen(Screen *screen, const float *x, int *sum, float *length, float *off) {
    int d = screen->d;
    float step = largest(x, d) / 127, inverse = step > SMALL ? 1 / step : 0;
    __m512 square = _mm512_setzero_ps(), distance = _mm512_setzero_ps();
    __m512i total = _mm512_setzero_si512();
    for (int at = 0; at < d; at += SIDE) {
        __m512 numbers = chunk(x, at, d);
        __m512i bytes = _mm512_cvtps_epi32(_mm512_mul_ps(numbers, _mm512_set1_ps(inverse)));
        __m512 apart = _mm512_fnmadd_ps(_mm512_cvtepi32_ps(bytes), _mm512_set1_ps(step), numbers);
        total = _mm512_add_epi32(total, bytes);
        square = _mm512_fmadd_ps(numbers, numbers, square);
        distance = _mm512_fmadd_ps(apart, apart, distance);
        _mm_storeu_si128((__m128i *)(void *)(screen->coarse + at), _mm512_cvtsepi32_epi8(bytes));
    }
    *sum = _mm512_reduce_add_epi32(total);
    *length = sqrtf(_mm512_reduce_add_ps(square));
    *off = sqrtf(_mm512_reduce_add_ps(distance));
    return step;
}

VNNI static void look_at(const Screen *screen, int block, int count, float step, int sum, float *products) {
    size_t bytes = (size_t)block_bytes(screen->d);
    const uint8_t *a = screen->blocks + (size_t)block * bytes, *b = a + (count > 1 ? bytes : 0), *c = b + (count > 2 ? bytes : 0);
    const uint8_t *e = c + (count > 3 ? bytes : 0);
    __m512i start = _mm512_set1_epi32(-128 * sum), sums[4] = {start, start, start, start};
    for (size_t at = 0; at < bytes; at += 64) {
        __m512i four = _mm512_set1_epi32(*(const int32_t *)(const void *)(screen->coarse + at / SIDE));
        sums[0] = _mm512_dpbusd_epi32(sums[0], _mm512_load_si512(a + at), four);
        sums[1] = _mm512_dpbusd_epi32(sums[1], _mm512_load_si512(b + at), four);
        sums[2] = _mm512_dpbusd_epi32(sums[2], _mm512_load_si512(c + at), four);
        sums[3] = _mm512_dpbusd_epi32(sums[3], _mm512_load_si512(e + at), four);
    }
    for (int i = 0; i < count; i++) {
        __m512 steps = _mm512_set1_ps(step * screen->steps[block + i]);
        _mm512_storeu_ps(products + (block + i) * SIDE, _mm512_mul_ps(_mm512_cvtepi32_ps(sums[i]), steps));
    }
}

const Means bytes_of_512 = {here, copy_block, coarsen, look_at};

#endif
