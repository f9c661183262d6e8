// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "server/compress.h"
#include "server/mailbox.h"
#include "server/request.h"

namespace tally::server {

void Reply::send(Answer answer) const {
  const bool unchanged =
      answer.status == 200 && !answer.etag.empty() && etag_matches(if_none_match_, answer.etag);
  if (unchanged) {
    answer.status = 304;
    answer.type.clear();
    answer.body.clear();
    answer.source = nullptr;
  }
  if (is_compressible(answer.type)) {
    const bool worth = answer.source != nullptr || answer.body.size() >= kGzipBytesMin;
    answer.fields.emplace_back("Vary", "Accept-Encoding");
    if (gzip_ && worth) {
      answer.fields.emplace_back("Content-Encoding", "gzip");
      if (answer.source != nullptr) {
        answer.source = gzip_source(std::move(answer.source));
      } else {
        answer.body = gzip(answer.body);
      }
    }
  }
  mailbox_->post({connection_, exchange_, std::move(answer)});
}

}  // namespace tally::server
