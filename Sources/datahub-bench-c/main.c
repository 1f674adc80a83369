// The measure for `datahub run`: the same job as straightforward C does it, with the same durability.
//
//   datahub-bench-c BASE_URL DATABASE batch|single
//
// One thread asks for pages of orders and keeps each page and the cursor in one transaction; the other sends what is kept, in
// batches of 100 or one by one with 32 on the way. Before the first byte of a write goes out, a ledger row says `sending`; the
// answers of one write and the `sending` of the next share a transaction. SQLite runs in WAL mode with synchronous=FULL, so a
// commit is on the disk before it counts.
//
// What it does not do: no mapping (an order goes out byte by byte as it came in), no JSON tree (a scanner finds where each order
// begins and ends), no digests, no change detection, no rendered body kept, no queue with leases, retries or other workers, no
// signing, no answer kept. It stops at the first thing that is not as expected.

#define _GNU_SOURCE
#include <curl/curl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 100, IN_FLIGHT = 32, PHASE_ACKNOWLEDGED = 1 };

__attribute__((noreturn)) static void fail(const char *what, const char *why) {
  fprintf(stderr, "datahub-bench-c: %s: %s\n", what, why);
  exit(1);
}

// MARK: - Bytes

typedef struct {
  char *bytes;
  size_t count, capacity;
} Buffer;

static void append(Buffer *buffer, const void *bytes, size_t count) {
  if (buffer->capacity - buffer->count < count) {
    buffer->capacity = (buffer->capacity + count) * 2;
    buffer->bytes = realloc(buffer->bytes, buffer->capacity);
    if (!buffer->bytes) fail("memory", "there is none left");
  }
  memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
}

static size_t receive(char *bytes, size_t size, size_t count, void *buffer) {
  append(buffer, bytes, size * count);
  return size * count;
}

// MARK: - JSON, as far as it is needed

typedef struct {
  const char *start;
  size_t count;
} Span;

// The text after `name` up to the next quote; the values looked for hold no escapes.
static Span text_after(const char *start, const char *end, const char *name) {
  size_t length = strlen(name);
  const char *at = memmem(start, (size_t)(end - start), name, length);
  if (!at) fail("an answer lacks", name);
  at += length;
  const char *quote = memchr(at, '"', (size_t)(end - at));
  if (!quote) fail("a text does not end", name);
  return (Span){at, (size_t)(quote - at)};
}

// The end of the object that starts at `at`.
static const char *end_of_object(const char *at, const char *end) {
  int depth = 0;
  for (; at < end; at++) {
    switch (*at) {
    case '"':
      for (at++; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
      break;
    case '{': depth++; break;
    case '}':
      if (--depth == 0) return at + 1;
      break;
    }
  }
  fail("a page", "an object does not end");
}

// MARK: - The store

typedef struct {
  sqlite3 *db;
  sqlite3_stmt *begin, *commit, *keep_record, *keep_cursor, *read_records, *note_sending, *note_end, *keep_done;
  // One connection, used in turns; also guards what follows.
  pthread_mutex_t turn;
  pthread_cond_t arrived;
  // Records have the numbers 1...kept.
  sqlite3_int64 kept;
  bool source_is_done;
} Store;

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    fail(sql, sqlite3_errmsg(db));
  return statement;
}

static void run(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_sql(statement), sqlite3_errmsg(sqlite3_db_handle(statement)));
  sqlite3_reset(statement);
}

static void open_store(Store *store, const char *path) {
  if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL))
    fail(path, "cannot be opened");
  const char *tables = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
                       "CREATE TABLE records (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, content BLOB NOT NULL);"
                       "CREATE TABLE cursor (id INTEGER PRIMARY KEY, page INTEGER NOT NULL);"
                       "CREATE TABLE ledger (task INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,"
                       " phase INTEGER NOT NULL, status INTEGER, at INTEGER NOT NULL);"
                       "CREATE TABLE done (record INTEGER PRIMARY KEY, target_id TEXT NOT NULL);";
  if (sqlite3_exec(store->db, tables, NULL, NULL, NULL)) fail(path, sqlite3_errmsg(store->db));
  store->begin = prepare(store->db, "BEGIN IMMEDIATE");
  store->commit = prepare(store->db, "COMMIT");
  store->keep_record = prepare(store->db, "INSERT INTO records (id, key, content) VALUES (?1, ?2, ?3)");
  store->keep_cursor = prepare(store->db, "INSERT OR REPLACE INTO cursor (id, page) VALUES (1, ?1)");
  store->read_records = prepare(store->db, "SELECT content FROM records WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
  store->note_sending =
      prepare(store->db, "INSERT INTO ledger (task, first, last, phase, at) VALUES (?1, ?2, ?3, 0, ?4)");
  store->note_end = prepare(store->db, "UPDATE ledger SET phase = ?2, status = ?3 WHERE task = ?1");
  store->keep_done = prepare(store->db, "INSERT INTO done (record, target_id) VALUES (?1, ?2)");
  pthread_mutex_init(&store->turn, NULL);
  pthread_cond_init(&store->arrived, NULL);
}

// A run of records that goes out in one request.
typedef struct {
  sqlite3_int64 task, first, last;
  Buffer body, answer;
} Write;

// Says that a write is being sent and reads its body, inside a transaction.
static void start_write(Store *store, Write *write, const char *head, const char *tail) {
  sqlite3_bind_int64(store->note_sending, 1, write->task);
  sqlite3_bind_int64(store->note_sending, 2, write->first);
  sqlite3_bind_int64(store->note_sending, 3, write->last);
  sqlite3_bind_int64(store->note_sending, 4, time(NULL));
  run(store->note_sending);
  write->body.count = write->answer.count = 0;
  append(&write->body, head, strlen(head));
  sqlite3_bind_int64(store->read_records, 1, write->first);
  sqlite3_bind_int64(store->read_records, 2, write->last);
  for (sqlite3_int64 id = write->first; sqlite3_step(store->read_records) == SQLITE_ROW; id++) {
    if (id > write->first) append(&write->body, ",", 1);
    const void *content = sqlite3_column_blob(store->read_records, 0);
    append(&write->body, content, (size_t)sqlite3_column_bytes(store->read_records, 0));
  }
  sqlite3_reset(store->read_records);
  append(&write->body, tail, strlen(tail));
}

// Marks a write acknowledged and each of its records done under the name the target gave it, inside a transaction.
static void settle_write(Store *store, const Write *write) {
  sqlite3_bind_int64(store->note_end, 1, write->task);
  sqlite3_bind_int64(store->note_end, 2, PHASE_ACKNOWLEDGED);
  sqlite3_bind_int64(store->note_end, 3, 200);
  run(store->note_end);
  const char *at = write->answer.bytes, *end = at + write->answer.count;
  for (sqlite3_int64 record = write->first; record <= write->last; record++) {
    at = memmem(at, (size_t)(end - at), "\"ok\":true", 9);
    if (!at) fail("an answer", "an order was not taken");
    Span id = text_after(at, end, "\"id\":\"");
    sqlite3_bind_int64(store->keep_done, 1, record);
    sqlite3_bind_text(store->keep_done, 2, id.start, (int)id.count, SQLITE_STATIC);
    run(store->keep_done);
    at = id.start + id.count;
  }
}

// MARK: - HTTP

static CURL *make_handle(void) {
  CURL *handle = curl_easy_init();
  if (!handle) fail("curl", "no handle");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, 60L);
  return handle;
}

static CURL *make_post_handle(const char *base, const char *path) {
  char url[256];
  snprintf(url, sizeof url, "%s%s", base, path);
  CURL *handle = make_handle();
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_URL, url);
  return handle;
}

static void set_body(CURL *handle, Write *write) {
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, write->body.bytes);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, (long)write->body.count);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &write->answer);
}

static void check(CURL *handle, CURLcode code) {
  long status = 0;
  if (code != CURLE_OK) fail("request", curl_easy_strerror(code));
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) fail("request", "the status is not 200");
}

// MARK: - The source

typedef struct {
  Store *store;
  const char *base;
} Source;

// Keeps the records of a page and the cursor in one transaction; false after the last page.
static bool keep_page(Store *store, sqlite3_int64 page, const Buffer *answer) {
  const char *at = answer->bytes, *end = at + answer->count;
  const char *list = memchr(at, '[', answer->count);
  if (!list) fail("a page", "no list of orders");
  sqlite3_int64 id = store->kept;
  pthread_mutex_lock(&store->turn);
  run(store->begin);
  for (at = list + 1; at < end && *at != ']';) {
    if (*at != '{') {
      at++;
      continue;
    }
    const char *record_end = end_of_object(at, end);
    Span key = text_after(at, record_end, "\"so_id\":\"");
    sqlite3_bind_int64(store->keep_record, 1, ++id);
    sqlite3_bind_text(store->keep_record, 2, key.start, (int)key.count, SQLITE_STATIC);
    sqlite3_bind_blob(store->keep_record, 3, at, (int)(record_end - at), SQLITE_STATIC);
    run(store->keep_record);
    at = record_end;
  }
  sqlite3_bind_int64(store->keep_cursor, 1, page);
  run(store->keep_cursor);
  run(store->commit);
  store->kept = id;
  bool has_more = memmem(at, (size_t)(end - at), "\"more\":true", 11) != NULL;
  store->source_is_done = !has_more;
  pthread_cond_signal(&store->arrived);
  pthread_mutex_unlock(&store->turn);
  return has_more;
}

static void *pull(void *context) {
  Source *source = context;
  CURL *handle = make_handle();
  Buffer answer = {0};
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  for (sqlite3_int64 page = 1;; page++) {
    char url[256];
    snprintf(url, sizeof url, "%s/page?n=%lld", source->base, page);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    answer.count = 0;
    check(handle, curl_easy_perform(handle));
    if (!keep_page(source->store, page, &answer)) break;
  }
  curl_easy_cleanup(handle);
  free(answer.bytes);
  return NULL;
}

// MARK: - The target, in batches

static void push_batches(Store *store, const char *base) {
  CURL *handle = make_post_handle(base, "/batch");
  Write write = {0};
  for (;;) {
    pthread_mutex_lock(&store->turn);
    while (store->kept - write.last < BATCH && !store->source_is_done) pthread_cond_wait(&store->arrived, &store->turn);
    sqlite3_int64 left = store->kept - write.last;
    run(store->begin);
    if (write.task > 0) settle_write(store, &write);
    if (left > 0) {
      write.task++;
      write.first = write.last + 1;
      write.last += left < BATCH ? left : BATCH;
      start_write(store, &write, "{\"orders\":[", "]}");
    }
    run(store->commit);
    pthread_mutex_unlock(&store->turn);
    if (left == 0) break;
    set_body(handle, &write);
    check(handle, curl_easy_perform(handle));
  }
  curl_easy_cleanup(handle);
}

// MARK: - The target, one by one

typedef struct {
  CURLM *multi;
  CURL *handles[IN_FLIGHT];
  Write writes[IN_FLIGHT];
  // The places whose write was answered, and those that are free.
  int answered[IN_FLIGHT], answered_count, free[IN_FLIGHT], free_count;
  sqlite3_int64 last;
} Singles;

static void collect(Singles *singles) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(singles->multi, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    check(message->easy_handle, message->data.result);
    Write *write;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&write);
    curl_multi_remove_handle(singles->multi, message->easy_handle);
    singles->answered[singles->answered_count++] = (int)(write - singles->writes);
  }
}

// One transaction settles all that was answered and says `sending` of all that starts; false at the end.
static bool turn_over(Store *store, Singles *singles) {
  int started[IN_FLIGHT], started_count = 0;
  pthread_mutex_lock(&store->turn);
  while (singles->free_count == IN_FLIGHT && store->kept == singles->last && !store->source_is_done)
    pthread_cond_wait(&store->arrived, &store->turn);
  bool has_records = store->kept > singles->last;
  if (singles->answered_count > 0 || (has_records && singles->free_count > 0)) {
    run(store->begin);
    for (int i = 0; i < singles->answered_count; i++) {
      settle_write(store, &singles->writes[singles->answered[i]]);
      singles->free[singles->free_count++] = singles->answered[i];
    }
    singles->answered_count = 0;
    while (singles->free_count > 0 && singles->last < store->kept) {
      int place = singles->free[--singles->free_count];
      Write *write = &singles->writes[place];
      write->task = write->first = write->last = ++singles->last;
      start_write(store, write, "", "");
      started[started_count++] = place;
    }
    run(store->commit);
  }
  bool is_over = store->source_is_done && store->kept == singles->last && singles->free_count == IN_FLIGHT;
  pthread_mutex_unlock(&store->turn);
  for (int i = 0; i < started_count; i++) {
    set_body(singles->handles[started[i]], &singles->writes[started[i]]);
    curl_multi_add_handle(singles->multi, singles->handles[started[i]]);
  }
  return !is_over;
}

static void push_singles(Store *store, const char *base) {
  Singles singles = {.multi = curl_multi_init()};
  curl_multi_setopt(singles.multi, CURLMOPT_MAXCONNECTS, (long)IN_FLIGHT);
  for (int place = 0; place < IN_FLIGHT; place++) {
    singles.handles[place] = make_post_handle(base, "/one");
    curl_easy_setopt(singles.handles[place], CURLOPT_PRIVATE, &singles.writes[place]);
    singles.free[singles.free_count++] = place;
  }
  while (turn_over(store, &singles)) {
    int running;
    curl_multi_perform(singles.multi, &running);
    collect(&singles);
    if (singles.answered_count > 0 || singles.free_count == IN_FLIGHT) continue;
    curl_multi_poll(singles.multi, NULL, 0, 100, NULL);
    curl_multi_perform(singles.multi, &running);
    collect(&singles);
  }
  for (int place = 0; place < IN_FLIGHT; place++) curl_easy_cleanup(singles.handles[place]);
  curl_multi_cleanup(singles.multi);
}

int main(int count, char **arguments) {
  if (count != 4) fail("usage", "datahub-bench-c BASE_URL DATABASE batch|single");
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Store store = {0};
  open_store(&store, arguments[2]);
  Source source = {&store, arguments[1]};
  pthread_t puller;
  if (pthread_create(&puller, NULL, pull, &source)) fail("thread", "cannot be started");
  if (strcmp(arguments[3], "single") == 0)
    push_singles(&store, arguments[1]);
  else
    push_batches(&store, arguments[1]);
  pthread_join(puller, NULL);
  printf("%lld\n", store.kept);
  sqlite3_close_v2(store.db);
  return 0;
}
