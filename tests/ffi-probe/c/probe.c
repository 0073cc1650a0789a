/* Loads, calls, fails, cancels and serves a host operation from C. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Module Module;
typedef struct Token Token;
typedef char *(*Callback)(void *data, const char *operation, const char *input);

int anrf_probe_load(const char *name, const char *text, Module **module, char **out);
int anrf_probe_call(const Module *module, const char *function, const char *inputs, const Token *token,
                    Callback callback, void (*release)(char *), void *data, char **out);
Token *anrf_probe_token_new(void);
void anrf_probe_token_cancel(const Token *token);
void anrf_probe_token_free(Token *token);
void anrf_probe_module_free(Module *module);
void anrf_probe_string_free(char *text);

static int failures = 0;

static char *out;

/* What the last call wrote into `out` is looked at after the call has returned. */
static void expect(const char *what, int status, int expected_status, const char *expected) {
    if (status != expected_status || strstr(out, expected) == NULL) {
        fprintf(stderr, "%s: expected %d %s, found %d %s\n", what, expected_status, expected, status, out);
        failures++;
    }
    anrf_probe_string_free(out);
}

static char *answer(void *data, const char *operation, const char *input) {
    ++*(int *)data;
    if (strcmp(operation, "ask") != 0 || strcmp(input, "no") == 0) return NULL;
    return strdup("because");
}

static void release(char *text) { free(text); }

static void *cancel_soon(void *token) {
    usleep(50000);
    anrf_probe_token_cancel(token);
    return NULL;
}

int main(int count, char **arguments) {
    char text[65536];
    if (count != 2) return 2;
    FILE *file = fopen(arguments[1], "r");
    if (file == NULL) return 2;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);

    Module *module, *none;
    expect("load", anrf_probe_load("probe.vsp", text, &module, &out), 0, "sha256:");
    expect("load a bad text", anrf_probe_load("bad.vsp", "node_id: [", &none, &out), 1, "bad.vsp:1:");
    expect("call", anrf_probe_call(module, "double", "{\"n\": 21}", NULL, NULL, NULL, NULL, &out), 0,
           "{\"success\":{\"value\":42}}");
    expect("fault", anrf_probe_call(module, "double", "{\"n\": 9223372036854775807}", NULL, NULL, NULL, NULL, &out),
           0, "\"overflow\"");
    expect("wrong input", anrf_probe_call(module, "double", "{\"n\": true}", NULL, NULL, NULL, NULL, &out), 1,
           "E-DATA-002");
    expect("no function", anrf_probe_call(module, "treble", "{}", NULL, NULL, NULL, NULL, &out), 1, "treble");

    int calls = 0;
    expect("host", anrf_probe_call(module, "ask_host", "{\"question\": \"why\"}", NULL, answer, release, &calls, &out),
           0, "because");
    expect("refused", anrf_probe_call(module, "ask_host", "{\"question\": \"no\"}", NULL, answer, release, &calls, &out),
           0, "{\"failure\":{\"error_code\":\"refused\"");
    if (calls != 2) failures++;

    pthread_t thread;
    Token *token = anrf_probe_token_new();
    pthread_create(&thread, NULL, cancel_soon, token);
    expect("cancel", anrf_probe_call(module, "forever", "{\"n\": -1}", token, NULL, NULL, NULL, &out), 0,
           "{\"limit\":{\"which\":");
    pthread_join(thread, NULL);
    anrf_probe_token_free(token);
    anrf_probe_module_free(module);
    if (failures == 0) puts("ok");
    return failures != 0;
}
