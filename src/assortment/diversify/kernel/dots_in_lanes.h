/* The dot products for one width of register, included by dots.c once for each: LANES floats in a register, ROWS rows at once, so that
   with four partial sums for each nothing leaves the registers; NAME gives the functions names of their own. */

typedef float NAME(Lanes) __attribute__((vector_size(LANES * sizeof(float))));
typedef float NAME(Stored) __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

INLINE NAME(Lanes) NAME(at)(const float *numbers) { return *(const NAME(Stored) *)numbers; }

/* Four partial sums, so that no addition waits for the one before it, in one fixed order. */
INLINE float NAME(total)(const NAME(Lanes) * sums, const float *row, const float *x, int done, int d) {
    NAME(Lanes) lanes = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    float parts[LANES];
    memcpy(parts, &lanes, sizeof parts);
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++) parts[i] += parts[i + half];
    for (; done < d; done++) parts[0] += row[done] * x[done];
    return parts[0];
}

INLINE void NAME(some)(const float *const *rows, int some, const float *x, int d, float *sums) {
    NAME(Lanes) partial[ROWS][4] = {{{0}}};
    int done = 0;
    for (; done + 4 * LANES <= d; done += 4 * LANES)
        for (int part = 0; part < 4; part++) {
            NAME(Lanes) numbers = NAME(at)(x + done + part * LANES);
            for (int row = 0; row < some; row++) partial[row][part] += NAME(at)(rows[row] + done + part * LANES) * numbers;
        }
    for (; done + LANES <= d; done += LANES) {
        NAME(Lanes) numbers = NAME(at)(x + done);
        for (int row = 0; row < some; row++) partial[row][0] += NAME(at)(rows[row] + done) * numbers;
    }
    for (int row = 0; row < some; row++) sums[row] = NAME(total)(partial[row], rows[row], x, done, d);
}

static void NAME(dots)(const float *const *rows, int count, const float *x, int d, float *sums) {
    int row = 0;
    for (; row + ROWS <= count; row += ROWS) NAME(some)(rows + row, ROWS, x, d, sums + row);
    for (; row + 2 <= count; row += 2) NAME(some)(rows + row, 2, x, d, sums + row);
    for (; row < count; row++) NAME(some)(rows + row, 1, x, d, sums + row);
}

#undef NAME
#undef LANES
#undef ROWS
