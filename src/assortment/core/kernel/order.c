#include "order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHORT 16
#define BLOCK 16

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t Marks __attribute__((vector_size(16)));
typedef int64_t Halves __attribute__((vector_size(16)));

int made_room(Room *room, int64_t n) {
    size_t entries = (size_t)(n + BLOCK) * sizeof(Entry);
    size_t numbers = (size_t)(n + BLOCK) * sizeof(float);
    *room = (Room){malloc(entries), malloc(entries), malloc(numbers), malloc(numbers), malloc(numbers),
                   malloc((size_t)(n + BLOCK) * sizeof(int64_t))};
    return room->entries && room->others && room->numbers && room->picked && room->rows && room->best;
}

void leave_room(Room *room) {
    free(room->entries);
    free(room->others);
    free(room->numbers);
    free(room->picked);
    free(room->rows);
    free(room->best);
}

/* Keys that rise as scores fall, with what is no number last. 0 and -0 are apart, and brought together as all ties are. */
static uint32_t falling(float score) {
    if (score != score) return UINT32_MAX;
    uint32_t bits;
    memcpy(&bits, &score, sizeof bits);
    return bits >> 31 ? bits : ~bits & INT32_MAX;
}

/* The order of ties: `scatter` of arrays.py. */
static uint32_t scattered(int32_t row) { return (uint32_t)row * 2654435761u; }

/* Few entries, one after the other put where it belongs. */
static void sort_few(Entry *entries, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        Entry one = entries[i];
        int64_t at = i;
        for (; at && entries[at - 1].key > one.key; at--) entries[at] = entries[at - 1];
        entries[at] = one;
    }
}

/* By their keys, equal ones as they stood: byte by byte, the last first. */
static void sort(Entry *entries, Entry *others, int64_t n) {
    if (n <= SHORT) {
        sort_few(entries, n);
        return;
    }
    int32_t counts[4][256] = {{0}};
    Entry *from = entries, *into = others;
    for (int64_t i = 0; i < n; i++)
        for (int byte = 0; byte < 4; byte++) counts[byte][entries[i].key >> 8 * byte & 255]++;
    for (int byte = 0; byte < 4; byte++) {
        int32_t *starts = counts[byte], sum = 0;
        for (int value = 0; value < 256; value++) {
            int32_t count = starts[value];
            starts[value] = sum;
            sum += count;
        }
        for (int64_t i = 0; i < n; i++) into[starts[from[i].key >> 8 * byte & 255]++] = from[i];
        Entry *swapped = from;
        from = into;
        into = swapped;
    }
}

/* The place-th highest of n numbers, from 1; the highest so many are then the first. Quickselect without a branch for each number:
   what is above a middle one goes to the front, then what is as high. */
static float place_th(float *numbers, int64_t n, int64_t place) {
    int64_t low = 0, high = n;
    for (;;) {
        float middle = numbers[low + (high - low) / 2];
        int64_t above = low;
        for (int64_t i = low; i < high; i++) {
            float number = numbers[i];
            numbers[i] = numbers[above];
            numbers[above] = number;
            above += number > middle;
        }
        if (place <= above) {
            high = above;
            continue;
        }
        low = above;
        for (int64_t i = above; i < high; i++) {
            float number = numbers[i];
            numbers[i] = numbers[low];
            numbers[low] = number;
            low += !(number < middle);
        }
        if (place <= low) return middle;
    }
}

/* Neighbours in the order that are less than `apart` from each other are put in the order of ties. */
static void settle_ties(const float *scores, Entry *entries, Entry *others, int64_t n, float apart) {
    for (int64_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n && !(scores[entries[end - 1].row] - scores[entries[end].row] > apart);) end++;
        if (end - start == 1) continue;
        for (int64_t i = start; i < end; i++) entries[i].key = scattered(entries[i].row);
        sort(entries + start, others, end - start);
    }
}

void best_first(const float *scores, int64_t n, int64_t most, Room *room, int64_t start, int64_t *rows) {
    float size = 0, border = 0;
    for (int64_t i = 0; i < n; i++) {
        float here = scores[i] < 0 ? -scores[i] : scores[i];
        size = here > size ? here : size;
    }
    double apart = TIE * (size > 1 ? size : 1);
    if (most < n) {
        memcpy(room->numbers, scores, (size_t)n * sizeof *scores);
        border = place_th(room->numbers, n, most) - (float)(10 * apart);
    }
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (most >= n || scores[i] >= border) room->entries[count++] = (Entry){falling(scores[i]), (int32_t)i};
    sort(room->entries, room->others, count);
    settle_ties(scores, room->entries, room->others, count, (float)apart);
    for (int64_t i = 0; i < most && i < count; i++) rows[i] = start + room->entries[i].row;
}

/* Whether any of the next numbers is above another, or as high. */
static int any_from(const float *numbers, float least) {
    const Four *four = (const Four *)(const void *)numbers;
    Halves any = (Halves)((four[0] >= least) | (four[1] >= least) | (four[2] >= least) | (four[3] >= least));
    return (any[0] | any[1]) != 0;
}

/* Writes which scores are `least` or more; gives how many. */
static int64_t from(const float *scores, int64_t n, float least, int32_t *rows) {
    int64_t count = 0, i = 0;
    for (; i + BLOCK <= n; i += BLOCK)
        if (any_from(scores + i, least))
            for (int64_t j = i; j < i + BLOCK; j++) {
                rows[count] = (int32_t)j;
                count += scores[j] >= least;
            }
    for (; i < n; i++)
        if (scores[i] >= least) rows[count++] = (int32_t)i;
    return count;
}

/* The most-th highest of the scores above 0, or 0 where there are no more than that; size: of the highest score, 1 at least. Only
   what is above the least of those kept so far is looked at. */
static float border_of(const float *scores, int64_t n, int64_t most, float *kept, float *size) {
    float least = (float)TIE;
    int64_t count = 0, more = 0;
    for (int64_t i = 0; i < n; i += BLOCK) {
        int64_t end = i + BLOCK < n ? i + BLOCK : n;
        if (end - i == BLOCK && !any_from(scores + i, least)) continue;
        for (int64_t j = i; j < end; j++) {
            kept[count] = scores[j];
            count += scores[j] > least;
        }
        if (count > 2 * most + BLOCK) {
            least = place_th(kept, count, most);
            count = most;
            more = 1;
        }
    }
    *size = 1;
    for (int64_t i = 0; i < count; i++) *size = kept[i] > *size ? kept[i] : *size;
    return more || count > most ? place_th(kept, count, most) : 0;
}

int64_t highest(const float *scores, int64_t n, int64_t most, Room *room, int32_t *rows) {
    float size, border = border_of(scores, n, most, room->numbers, &size);
    float least = border > 0 ? border - (float)(10 * TIE * size) : nextafterf((float)TIE, 1);
    int64_t count = from(scores, n, least, room->rows);
    if (count <= most) {
        memcpy(rows, room->rows, (size_t)count * sizeof *rows);
        return count;
    }
    for (int64_t i = 0; i < count; i++) room->picked[i] = scores[room->rows[i]];
    best_first(room->picked, count, most, room, 0, room->best);
    for (int64_t i = 0; i < most; i++) rows[i] = room->rows[room->best[i]];
    return most;
}
