// SPDX-License-Identifier: Apache-2.0
// Known answers of RFC 7515 (appendix A) and RFC 8037 (appendix A).
#include "crypto/public_key.h"

#include "base/encoding.h"
#include "crypto/hmac.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tally::crypto {
namespace {

using Alg = JwsAlgorithm;

std::string decode(std::string text) {
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  while (text.size() % 4 != 0) text += '=';
  const auto out = from_base64(text);
  EXPECT_TRUE(out) << text;
  return out.value_or("");
}

constexpr std::string_view kPayload =
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";

const std::string kModulus = decode(
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4"
    "QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdb"
    "BYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-D"
    "WNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ");
const std::string kRs256 = decode(
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5ju"
    "jGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07"
    "Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipU"
    "TI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
const std::string kX = decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
const std::string kY = decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
const std::string kEs256 = decode(
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
const std::string kExponent(std::string_view("\x01\x00\x01", 3));

TEST(PublicKey, RsaOfRfc7515) {
  const auto key = PublicKey::rsa(as_bytes(kModulus), as_bytes(kExponent));
  ASSERT_TRUE(key);
  const std::string message = "eyJhbGciOiJSUzI1NiJ9" + std::string(kPayload);
  EXPECT_TRUE(key->verify(Alg::rs256, as_bytes(message), as_bytes(kRs256)));
  EXPECT_FALSE(key->verify(Alg::rs384, as_bytes(message), as_bytes(kRs256)));
  EXPECT_FALSE(key->verify(Alg::ps256, as_bytes(message), as_bytes(kRs256)));
  EXPECT_FALSE(key->verify(Alg::es256, as_bytes(message), as_bytes(kRs256)));
  EXPECT_FALSE(key->verify(Alg::hs256, as_bytes(message), as_bytes(kRs256)));
  EXPECT_FALSE(key->verify(Alg::rs256, as_bytes(message + '='), as_bytes(kRs256)));
  EXPECT_FALSE(key->verify(Alg::rs256, as_bytes(message), as_bytes(kRs256.substr(1))));
}

TEST(PublicKey, CurveOfRfc7515) {
  const auto key = PublicKey::ec(PublicKey::Kind::p256, as_bytes(kX), as_bytes(kY));
  ASSERT_TRUE(key);
  const std::string message = "eyJhbGciOiJFUzI1NiJ9" + std::string(kPayload);
  EXPECT_TRUE(key->verify(Alg::es256, as_bytes(message), as_bytes(kEs256)));
  EXPECT_FALSE(key->verify(Alg::es384, as_bytes(message), as_bytes(kEs256)));
  std::string swapped = kEs256.substr(32) + kEs256.substr(0, 32);
  EXPECT_FALSE(key->verify(Alg::es256, as_bytes(message), as_bytes(swapped)));
}

TEST(PublicKey, EdwardsOfRfc8037) {
  const auto key =
      PublicKey::ed25519(as_bytes(decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")));
  ASSERT_TRUE(key);
  const std::string message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature = decode(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  EXPECT_TRUE(key->verify(Alg::eddsa, as_bytes(message), as_bytes(signature)));
  EXPECT_FALSE(key->verify(Alg::eddsa, as_bytes(message), as_bytes(signature.substr(0, 63))));
  EXPECT_FALSE(PublicKey::ed25519(as_bytes("short")));
}

TEST(PublicKey, NumbersThatMakeNoKey) {
  EXPECT_FALSE(PublicKey::rsa(as_bytes(kModulus.substr(0, 255)), as_bytes(kExponent)));
  EXPECT_FALSE(PublicKey::rsa(as_bytes(std::string(1025, '\xff')), as_bytes(kExponent)));
  EXPECT_FALSE(PublicKey::rsa(as_bytes(kModulus), as_bytes(std::string_view("\x01"))));
  EXPECT_FALSE(PublicKey::rsa(as_bytes(kModulus), as_bytes(std::string_view("\x04"))));
  EXPECT_FALSE(PublicKey::rsa(as_bytes(kModulus), as_bytes(std::string(9, '\x03'))));
  EXPECT_FALSE(PublicKey::rsa({}, {}));
  // Not on the curve; the point at infinity; coordinates of another curve's length.
  const auto p256 = [](const std::string& x, const std::string& y) {
    return PublicKey::ec(PublicKey::Kind::p256, as_bytes(x), as_bytes(y)).has_value();
  };
  EXPECT_FALSE(p256(kX, kX));
  EXPECT_FALSE(p256(std::string(32, '\0'), std::string(32, '\0')));
  EXPECT_FALSE(p256(kX.substr(1), kY));
  EXPECT_FALSE(PublicKey::ec(PublicKey::Kind::p384, as_bytes(kX), as_bytes(kY)));
}

TEST(PublicKey, NamesOfAlgorithms) {
  for (int i = 0; i <= static_cast<int>(Alg::hs256); ++i) {
    const auto algorithm = static_cast<Alg>(i);
    EXPECT_EQ(parse_jws_name(jws_name(algorithm)), algorithm);
  }
  for (const char* other : {"none", "rs256", "RS256 ", "HS512", "", "ES256K"}) {
    EXPECT_FALSE(parse_jws_name(other)) << other;
  }
}

}  // namespace
}  // namespace tally::crypto
