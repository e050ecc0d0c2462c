/* command.c - see command.h. */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "wire.h"

#define SAY_BYTES     (1u << 18) /* all commands of one send() */
#define COMMAND_BYTES 400        /* of JSON, without a text */

static void send_json(const struct client *c, const char *json, int printed)
{
    char frame[COMMAND_BYTES + WIRE_HEAD_BYTES];
    size_t n = wire_printed(printed, COMMAND_BYTES);

    client_send(c, frame, wire_frame(frame, WIRE_TEXT, json, n));
}

void command_say(const struct fleet *f, struct client *c, unsigned how_many)
{
    static char frames[SAY_BYTES];
    char json[WIRE_JSON_BYTES];
    size_t n = 0;

    while (how_many-- > 0) {
        int printed =
            snprintf(json, sizeof json,
                     "{\"type\":\"say\",\"id\":\"w%un%u\",\"room\":\"%s\",\"text\":\"%s\"}",
                     c->number, c->said++, c->room->name, f->text);
        size_t len = wire_printed(printed, sizeof json);

        if (n + len + WIRE_HEAD_BYTES > sizeof frames) {
            client_send(c, frames, n);
            n = 0;
        }
        n += wire_frame(frames + n, WIRE_TEXT, json, len);
    }
    client_send(c, frames, n);
}

void command_join(const struct client *c)
{
    char json[COMMAND_BYTES];
    int len = snprintf(json, sizeof json, "{\"type\":\"join\",\"id\":\"j\",\"room\":\"%s\"}",
                       c->room->name);

    send_json(c, json, len);
}

void command_history(const struct client *c, uint64_t before)
{
    char json[COMMAND_BYTES];
    int len = snprintf(json, sizeof json,
                       "{\"type\":\"history\",\"id\":\"p\",\"room\":\"%s\",\"before\":%llu}",
                       c->room->name, (unsigned long long)before);

    send_json(c, json, len);
}

void command_poll(const struct fleet *f, struct client *c, bool secret, uint64_t closes_ms)
{
    char json[COMMAND_BYTES], closes[48] = "";
    int len;

    if (closes_ms > 0)
        snprintf(closes, sizeof closes, ",\"closes_at\":%llu", (unsigned long long)closes_ms);
    len = snprintf(json, sizeof json,
                   "{\"type\":\"poll\",\"id\":\"%sp%un%u\",\"room\":\"%s\",\"question\":\"Which?\","
                   "\"options\":[\"a\",\"b\",\"c\"],\"max\":1,\"secret\":%s,"
                   "\"results\":\"live\"%s}",
                   f->nick_prefix, c->number, c->said++, c->room->name, secret ? "true" : "false",
                   closes);
    send_json(c, json, len);
}

void command_vote(const struct fleet *f, struct client *c)
{
    char json[COMMAND_BYTES];
    int len = snprintf(
        json, sizeof json,
        "{\"type\":\"vote\",\"id\":\"v%u\",\"room\":\"%s\",\"poll\":%llu,\"choices\":[%u]}",
        c->said++, c->room->name, (unsigned long long)f->poll, c->number % 3);

    send_json(c, json, len);
}

void command_react(const struct fleet *f, struct client *c)
{
    char json[COMMAND_BYTES];
    int len = snprintf(json, sizeof json,
                       "{\"type\":\"react\",\"id\":\"v%u\",\"room\":\"%s\",\"of\":%llu,"
                       "\"emoji\":\"\xf0\x9f\x91\x8d\",\"on\":true}",
                       c->said++, c->room->name, (unsigned long long)f->item);

    send_json(c, json, len);
}
