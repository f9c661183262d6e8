// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"
#include "net/peer_certificate.h"
#include "net/stream.h"
#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <sys/socket.h>

namespace tally::net {
namespace {

/// What fits one TLS record: pieces are joined up to this, so that head and body are one record.
constexpr std::size_t kRecordBytes = 16'384;

class TlsStream final : public Stream, private ReadyHandler {
 public:
  TlsStream(Loop& loop, int descriptor, const TlsContext& context)
      : loop_(loop), watch_(loop, descriptor), ssl_(::SSL_new(context.native())) {
    watch_.set_handler(this);
    ::SSL_set_fd(ssl_, descriptor);
  }

  ~TlsStream() override {
    *alive_ = false;
    ::SSL_free(ssl_);
  }

  ::SSL* native() { return ssl_; }

  IoResult read(std::span<char> into) override {
    ::ERR_clear_error();
    read_waits_for_write_ = false;
    const int size =
        static_cast<int>(std::min<std::size_t>(into.size(), std::numeric_limits<int>::max()));
    const int got = ::SSL_read(ssl_, into.data(), size);
    if (got > 0) return {IoResult::Kind::done, static_cast<std::size_t>(got)};
    return result_of(got, read_waits_for_write_, SSL_ERROR_WANT_WRITE);
  }

  IoResult write(std::span<const std::string_view> pieces) override {
    ::ERR_clear_error();
    write_waits_for_read_ = false;
    const std::string_view record = joined(pieces);
    if (record.empty()) return {IoResult::Kind::done, 0};
    const int put = ::SSL_write(ssl_, record.data(), static_cast<int>(record.size()));
    if (put > 0) return {IoResult::Kind::done, static_cast<std::size_t>(put)};
    return result_of(put, write_waits_for_read_, SSL_ERROR_WANT_READ);
  }

  IoResult handshake() override {
    ::ERR_clear_error();
    read_waits_for_write_ = false;
    const int done = ::SSL_do_handshake(ssl_);
    if (done == 1) return {IoResult::Kind::done, 0};
    return result_of(done, read_waits_for_write_, SSL_ERROR_WANT_WRITE);
  }

  void set_handler(ReadyHandler* handler) override { handler_ = handler; }

  void want_read() override {
    reading_ = true;
    if (::SSL_has_pending(ssl_) == 1 && ::SSL_pending(ssl_) > 0) {
      // Bytes that were decrypted already make no descriptor readable.
      loop_.post([this, alive = alive_] {
        if (*alive) on_readable();
      });
      return;
    }
    arm();
  }
  void want_write() override {
    writing_ = true;
    arm();
  }

  void finish() override {
    ::ERR_clear_error();
    ::SSL_shutdown(ssl_);
    ::shutdown(watch_.descriptor(), SHUT_WR);
  }

  bool is_quiet() override {
    if (::SSL_pending(ssl_) > 0) return false;
    char byte = 0;
    const ssize_t got = ::recv(watch_.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  std::string error() const override { return error_; }
  std::unique_ptr<PeerCertificate> certificate() const override {
    auto out = std::make_unique<PeerCertificate>(peer_certificate(ssl_));
    return out->shown() ? std::move(out) : nullptr;
  }
  bool is_tls() const override { return true; }
  int descriptor() const override { return watch_.descriptor(); }

 private:
  void arm() {
    if ((reading_ && !read_waits_for_write_) || (writing_ && write_waits_for_read_)) {
      watch_.want_read();
    }
    if ((writing_ && !write_waits_for_read_) || (reading_ && read_waits_for_write_)) {
      watch_.want_write();
    }
  }

  // A read may wait for writability, and a write for readability (handshakes, new keys).
  void on_readable() override {
    tell(reading_ && !read_waits_for_write_, writing_ && write_waits_for_read_);
  }
  void on_writable() override {
    tell(reading_ && read_waits_for_write_, writing_ && !write_waits_for_read_);
  }

  /// The handler may destroy this.
  void tell(bool reader, bool writer) {
    const std::shared_ptr<bool> alive = alive_;
    if (reader) reading_ = false;
    if (writer) writing_ = false;
    if (reader && handler_ != nullptr) handler_->on_readable();
    if (*alive && writer && handler_ != nullptr) handler_->on_writable();
  }

  /// One record's worth of the pieces; a view of the first where it alone is that much.
  std::string_view joined(std::span<const std::string_view> pieces) {
    while (!pieces.empty() && pieces.front().empty()) pieces = pieces.subspan(1);
    if (pieces.empty()) return {};
    if (pieces.size() == 1 || pieces.front().size() >= kRecordBytes) {
      return pieces.front().substr(0, kRecordBytes);
    }
    joined_.clear();
    for (const std::string_view piece : pieces) {
      joined_.append(piece.substr(0, kRecordBytes - joined_.size()));
    }
    return joined_;
  }

  IoResult result_of(int result, bool& waits_for_other, int other) {
    const int saved = errno;
    const int error = ::SSL_get_error(ssl_, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
      waits_for_other = error == other;
      return {IoResult::Kind::would_block, 0};
    }
    if (error == SSL_ERROR_ZERO_RETURN) return {IoResult::Kind::end, 0};
    const long verified = ::SSL_get_verify_result(ssl_);
    // Of a connection that began although its certificate is not believed, it is no reason.
    if (verified != X509_V_OK && ::SSL_is_init_finished(ssl_) == 0) {
      error_ = std::string("certificate: ") + ::X509_verify_cert_error_string(verified);
      ::ERR_clear_error();
    } else if (error == SSL_ERROR_SYSCALL) {
      error_ = saved != 0 ? std::strerror(saved) : "closed without TLS close_notify";
    } else {
      error_ = "TLS: " + tls_errors();
    }
    return {IoResult::Kind::failed, 0};
  }

  Loop& loop_;
  Watch watch_;
  ::SSL* ssl_;
  ReadyHandler* handler_ = nullptr;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool reading_ = false;
  bool writing_ = false;
  bool read_waits_for_write_ = false;
  bool write_waits_for_read_ = false;
  std::string joined_;
  std::string error_;
};

}  // namespace

std::unique_ptr<Stream> make_tls_server(Loop& loop, int descriptor, const TlsContext& context) {
  auto stream = std::make_unique<TlsStream>(loop, descriptor, context);
  ::SSL_set_accept_state(stream->native());
  return stream;
}

std::unique_ptr<Stream> make_tls_client(Loop& loop, int descriptor, const TlsContext& context,
                                        const std::string& host) {
  auto stream = std::make_unique<TlsStream>(loop, descriptor, context);
  ::SSL* const ssl = stream->native();
  ::SSL_set_connect_state(ssl);
  if (SocketAddress::parse(host, 0)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str());
  } else {
    ::SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ::SSL_set1_host(ssl, host.c_str());
    ::SSL_set_tlsext_host_name(ssl, host.c_str());
  }
  return stream;
}

}  // namespace tally::net
