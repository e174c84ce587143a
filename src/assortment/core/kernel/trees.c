#include "trees.h"

#define TOGETHER 16

/* Some rows go down a tree side by side, so that none waits for the memory of another. */
static inline void go_down(const Forest *forest, int64_t tree, const float *table, int rows, double *sums) {
    int32_t at[TOGETHER];
    for (int row = 0; row < rows; row++) at[row] = forest->roots[tree];
    for (int32_t step = 0; step < forest->depths[tree]; step++)
        for (int row = 0; row < rows; row++) {
            const Fork *fork = forest->forks + at[row];
            float here = table[row * forest->features + fork->feature];
            int right = (here > fork->threshold) | ((here != here) & fork->right_unknown);
            at[row] = fork->ways[right];
        }
    for (int row = 0; row < rows; row++) sums[row] += forest->values[at[row]];
}

void walk(const Forest *forest, const float *table, int64_t m, double *sums) {
    for (int64_t tree = 0; tree < forest->trees; tree++) {
        int64_t row = 0;
        for (; row + TOGETHER <= m; row += TOGETHER) go_down(forest, tree, table + row * forest->features, TOGETHER, sums + row);
        for (; row < m; row++) go_down(forest, tree, table + row * forest->features, 1, sums + row);
    }
}
