/* fuzz_frame.c - feeds any bytes, cut into any fragments: a message is never longer than the limit,
 * and always UTF-8. Input: a length byte, then so many bytes, repeated; bit 7 of the length byte
 * ends the message. */
#include "frame.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#define BYTES_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame f = {0};
    struct frame_message m;
    enum frame_verdict v = FRAME_MORE;
    while (size > 0 && (v == FRAME_MORE || v == FRAME_WHOLE)) {
        size_t n = *data & 0x7f;
        bool last = (*data & 0x80) != 0;
        data++, size--;
        n = n < size ? n : size;
        struct frame_piece piece = {(const char *)data, n, n == 0x7f ? 1 : 0, last};
        v = frame_feed(&f, &piece, BYTES_MAX, &m);
        if (v == FRAME_WHOLE) {
            assert(m.size <= BYTES_MAX);
            json_decref(json_stringn(m.text, m.size)); /* NULL if it is not UTF-8 */
            json_t *text = json_stringn(m.text == NULL ? "" : m.text, m.size);
            assert(text != NULL);
            json_decref(text);
        }
        data += n, size -= n;
    }
    frame_finish(&f);
    return 0;
}
