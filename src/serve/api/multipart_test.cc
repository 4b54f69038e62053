#include "serve/api/multipart.h"

#include <gtest/gtest.h>

namespace saker::serve {
namespace {

constexpr const char* kType = "multipart/form-data; boundary=XYZ";

std::vector<FormPart> parts_of(std::string_view type, const std::string& body) {
  auto parsed = parse_multipart(type, body);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
    ADD_FAILURE() << refusal->message << "\n" << body;
    return {};
  }
  return std::get<std::vector<FormPart>>(parsed);
}

std::string refused(std::string_view type, const std::string& body, Reason reason = Reason::kBadRequest) {
  const auto parsed = parse_multipart(type, body);
  const auto* refusal = std::get_if<Refusal>(&parsed);
  if (refusal == nullptr) return "taken";
  EXPECT_EQ(refusal->reason, reason);
  return refusal->message;
}

std::string part(const std::string& parameters, const std::string& body) {
  return "--XYZ\r\nContent-Disposition: form-data; " + parameters + "\r\n\r\n" + body + "\r\n";
}

TEST(Multipart, TellsFormsOfPartsFromOtherBodies) {
  EXPECT_TRUE(is_multipart("multipart/form-data; boundary=a"));
  EXPECT_TRUE(is_multipart("Multipart/Form-Data;boundary=a"));
  EXPECT_FALSE(is_multipart("multipart/form-database"));
  EXPECT_FALSE(is_multipart("application/x-www-form-urlencoded"));
}

TEST(Multipart, PartsAreViewsOfTheBody) {
  const std::string bytes("\0\r\n--XY\xff\r\n", 11);
  const std::string body = part("name=\"image\"; filename=\"a.jpg\"", bytes) + part("name=conf", "0.5") + "--XYZ--\r\n";
  const auto parts = parts_of(kType, body);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].name, "image");
  EXPECT_EQ(parts[0].filename, "a.jpg");
  EXPECT_EQ(parts[0].body, bytes);
  EXPECT_TRUE(parts[0].body.data() >= body.data() && parts[0].body.data() < body.data() + body.size());
  EXPECT_EQ(parts[1].name, "conf");
  EXPECT_FALSE(parts[1].has_filename);
  EXPECT_EQ(parts[1].body, "0.5");
}

TEST(Multipart, WhatLibrariesSendIsUnderstood) {
  EXPECT_EQ(parts_of(kType, "a preamble\r\n" + part("name=a", "1") + "--XYZ--and an epilogue").size(), 1U);
  EXPECT_EQ(parts_of("multipart/form-data; charset=utf-8; boundary=\"XYZ\"", part("name=a", "") + "--XYZ--").size(),
            1U);
  EXPECT_EQ(parts_of(kType, "--XYZ--").size(), 0U);
  EXPECT_EQ(parts_of(kType, "--XYZ  \r\nCONTENT-DISPOSITION:form-data;NAME=a\r\nX: y\r\n\r\n1\r\n--XYZ--")[0].body,
            "1");
  const auto odd =
      parts_of(kType, part(R"(name="a;b\"c\\d"; filename="C:\dir\x.jpg"; filename*=utf-8''x)", "1") + "--XYZ--");
  EXPECT_EQ(odd[0].name, "a;b\"c\\d");
  EXPECT_EQ(odd[0].filename, "C:\\dir\\x.jpg");
  const auto typed = parts_of(kType,
                              "--XYZ\r\nContent-Type: image/png\r\nContent-Disposition: form-data; name=\"i\"\r\n"
                              "Content-Transfer-Encoding: binary\r\n\r\n1\r\n--XYZ--");
  EXPECT_EQ(typed[0].content_type, "image/png");
}

TEST(Multipart, BadBoundariesAreRefused) {
  const std::string body = part("name=a", "1") + "--XYZ--";
  for (const char* type :
       {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"XYZ",
        "multipart/form-data; boundary=X\tZ", "multipart/form-data; boundary=XYZ; boundary=XYZ",
        "multipart/form-data; boundary=\"XYZ \""}) {
    EXPECT_NE(refused(type, body).find("boundary"), std::string::npos) << type;
  }
  EXPECT_NE(refused("multipart/form-data; boundary=" + std::string(71, 'a'), body), "taken");
  EXPECT_NE(refused("multipart/form-data; boundary=ABC", body).find("not in the body"), std::string::npos);
}

TEST(Multipart, HurtBodiesAreRefused) {
  for (const std::string& body :
       {std::string(), part("name=a", "1"), std::string("--XYZ\r\n--XYZ--"),
        std::string("--XYZ\r\nContent-Disposition: form-data; name=a\r\n--XYZ--"),
        std::string("--XYZnothing\r\n\r\n\r\n--XYZ--"), std::string("--XYZ"), part("filename=\"a\"", "1") + "--XYZ--",
        part("name=\"a", "1") + "--XYZ--", part("name=a; name=b", "1") + "--XYZ--", part("name", "1") + "--XYZ--",
        std::string("--XYZ\r\n\r\nno headers\r\n--XYZ--"),
        std::string("--XYZ\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--XYZ--"),
        std::string("--XYZ\r\nno colon\r\n\r\n1\r\n--XYZ--"),
        std::string("--XYZ\r\nContent-Disposition: form-data; name=a\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--XYZ--")}) {
    EXPECT_NE(refused(kType, body), "taken") << body;
  }
}

TEST(Multipart, EveryPrefixIsRefusedOrTaken) {
  const std::string body = part("name=\"image\"; filename=\"a\"", "123") + part("name=b", "4") + "--XYZ--";
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_NE(refused(kType, body.substr(0, size)), "taken") << size;
  EXPECT_EQ(refused(kType, body), "taken");
}

TEST(Multipart, NumbersAndSizesAreBounded) {
  std::string body;
  for (std::size_t i = 0; i < kMostParts; ++i) body += part("name=a", "1");
  EXPECT_EQ(parts_of(kType, body + "--XYZ--").size(), kMostParts);
  EXPECT_NE(refused(kType, body + part("name=a", "1") + "--XYZ--", Reason::kTooLarge), "taken");
  EXPECT_NE(refused(kType, part("name=" + std::string(kMostPartHeader, 'a'), "1") + "--XYZ--", Reason::kTooLarge),
            "taken");
}

}  // namespace
}  // namespace saker::serve
