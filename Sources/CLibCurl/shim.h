#pragma once
#include <curl/curl.h>

// libcurl's option functions are variadic, which Swift cannot call: one typed wrapper a shape of argument.

static inline CURLcode datahub_easy_setopt_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode datahub_easy_setopt_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode datahub_easy_setopt_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode datahub_easy_setopt_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
typedef size_t (*datahub_data_callback)(char *, size_t, size_t, void *);
static inline CURLcode datahub_easy_setopt_data_callback(CURL *handle, CURLoption option, datahub_data_callback value) {
  return curl_easy_setopt(handle, option, value);
}
typedef int (*datahub_prerequest_callback)(void *, char *, char *, int, int);
static inline CURLcode datahub_easy_setopt_prerequest_callback(CURL *handle, CURLoption option,
                                                               datahub_prerequest_callback value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode datahub_easy_getinfo_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode datahub_easy_getinfo_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode datahub_easy_getinfo_pointer(CURL *handle, CURLINFO info, void **value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLMcode datahub_multi_setopt_long(CURLM *handle, CURLMoption option, long value) {
  return curl_multi_setopt(handle, option, value);
}
