/* What a screen is made and looked at with, for one kind of processor. */
#ifndef ASSORTMENT_SCREEN_MEANS_H
#define ASSORTMENT_SCREEN_MEANS_H

#include <stddef.h>

#include "screen.h"

#define SIDE 16
#define SMALL 1e-30f

/* Runs of SIDE numbers that a row has, the last perhaps not full. */
static inline int chunks_of(int d) { return (d + SIDE - 1) / SIDE; }

/* SIDE candidates, each of as many bytes as it has numbers, in full runs. */
static inline int block_bytes(int d) { return chunks_of(d) * SIDE * SIDE; }

/* here: 1 where this machine has what it takes. copy_block: SIDE rows as bytes, each number times `inverse`, 128 standing for 0; in
   each 64 bytes four numbers of each row. It returns the largest of their numbers, whatever its sign, INFINITY where one is not finite,
   and may ask for the `next` SIDE rows ahead. coarsen: x as bytes into `coarse`; returns what their unit is worth, and tells the `sum`
   of the bytes, the `length` of x, and how far (`off`) the bytes lie from it. look_at: the rough dot products with `count` blocks, at
   most four, from `block` on. */
typedef struct {
    int (*here)(void);
    float (*copy_block)(const float *const *rows, const float *const *next, int d, float inverse, uint8_t *block);
    float (*coarsen)(Screen *screen, const float *x, int *sum, float *length, float *off);
    void (*look_at)(const Screen *screen, int block, int count, float step, int sum, float *products);
} Means;

extern const Means bytes_of_512, bytes_of_256;

#endif
