#pragma once
#include <microhttpd.h>
#include <netinet/in.h>

// MHD_start_daemon is variadic, which Swift cannot call: this starts a daemon on a socket that listens already, with one
// thread a connection. The context is handed to all three callbacks.

typedef void *(*datahub_uri_callback)(void *context, const char *uri, struct MHD_Connection *connection);

static inline struct MHD_Daemon *datahub_start_server(
    int listening_socket, unsigned int connection_limit, unsigned int idle_seconds, size_t connection_memory,
    MHD_AccessHandlerCallback access, datahub_uri_callback uri, MHD_RequestCompletedCallback completed,
    void *context) {
  return MHD_start_daemon(
      MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL,
      access, context,
      MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listening_socket,
      MHD_OPTION_CONNECTION_LIMIT, connection_limit,
      MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory,
      MHD_OPTION_URI_LOG_CALLBACK, uri, context,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_END);
}
