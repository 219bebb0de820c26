// The page's bundle is read as it was written.
#include "api/codec/page_bundle.hpp"

#include <gtest/gtest.h>

#include <string>

#include "api/embedded_pages.hpp"

namespace onsale::codec {
namespace {

std::string u32(unsigned value) {
  std::string text;
  for (unsigned shift = 0; shift < 32; shift += 8)
    text += static_cast<char>(value >> shift & 0xFFU);
  return text;
}

TEST(PageBundle, IsReadFileByFile) {
  const std::string bundle = "OSP2" + u32(2) + u32(3) + u32(8) + u32(300) + u32(2) + u32(3) +
                             "a-btext/css" + std::string(300, 'x') + "gzbro" + u32(1) + u32(1) +
                             u32(0) + u32(0) + u32(0) + "ct";
  const auto files = read_page_bundle(bundle);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].path, "a-b");
  EXPECT_EQ(files[0].media_type, "text/css");
  EXPECT_EQ(files[0].bytes, std::string(300, 'x'));
  EXPECT_EQ(files[0].gzip, "gz");
  EXPECT_EQ(files[0].brotli, "bro");
  EXPECT_EQ(files[1].path, "c");
  EXPECT_TRUE(files[1].bytes.empty());
}

TEST(PageBundle, OfNothingHasNoFile) { EXPECT_TRUE(read_page_bundle("OSP2" + u32(0)).empty()); }

TEST(PageBundleDeathTest, CutShortIsABug) {
  EXPECT_DEATH(read_page_bundle("OSP2" + u32(1) + u32(9)), "cut short");
}

TEST(PageBundle, ThatIsCarriedIsWholeAndOrdered) {
  const auto files = read_page_bundle(embedded::page_bundle());
  for (std::size_t i = 1; i < files.size(); ++i) EXPECT_LT(files[i - 1].path, files[i].path);
}

}  // namespace
}  // namespace onsale::codec
