// Halls as tables, and price lists.
#include "api/codec/hall_csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/codec/csv_reader.hpp"
#include "api/codec/hall_prices.hpp"
#include "tests/support/plain_hall.hpp"

namespace onsale::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CsvReader, ReadsQuotesCommasAndLineEnds) {
  CsvReader lines(
      "\xEF\xBB\xBF"
      "a,\"b,\"\"c\"\"\nd\",\r\n\r\n\"\",x\n");
  std::vector<std::string> fields;
  ASSERT_TRUE(*lines.next(fields));
  EXPECT_THAT(fields, ElementsAre("a", "b,\"c\"\nd", ""));
  EXPECT_EQ(lines.line(), 1U);
  ASSERT_TRUE(*lines.next(fields));
  EXPECT_THAT(fields, ElementsAre("", "x"));
  EXPECT_EQ(lines.line(), 4U);
  EXPECT_FALSE(*lines.next(fields));
}

TEST(CsvReader, RefusesBrokenQuotingAndWhatIsNoText) {
  for (const std::string_view bytes : {"\"open", "a\"b", "\"a\"b", "a\rb", "\xff", "\xc0\x80",
                                       "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    CsvReader lines(bytes);
    std::vector<std::string> fields;
    EXPECT_FALSE(lines.next(fields)) << bytes;
  }
  CsvReader nul(std::string_view("a\0b", 3));
  std::vector<std::string> fields;
  EXPECT_FALSE(nul.next(fields));
}

TEST(HallCsv, ReadsSectionsRowsSeatsAndTiers) {
  const auto hall = read_hall_csv(
      "section,row,seat,x,y,tier,price,note\r\n"
      "Floor,A,1,10,20,VIP,90000,by the door\r\n"
      "Floor,A,2,35.5,20,VIP,,\r\n"
      "\"Balcony, left\",1,1,0,-5,\"R \"\"석\"\"\",50000,\r\n"
      "Floor,B,1,10,45,VIP,90000,\r\n",
      "Table");
  ASSERT_TRUE(hall) << hall.error().detail;
  EXPECT_EQ(hall->name, "Table");
  ASSERT_EQ(hall->sections.size(), 2U);
  EXPECT_EQ(hall->sections[1].name, "Balcony, left");
  EXPECT_EQ(hall->sections[0].rows.size(), 2U);
  EXPECT_EQ(hall->sections[0].rows[0].seats[1].x, 35.5);
  EXPECT_EQ(hall->sections[0].rows[1].seats[0].guid, "Floor/B/1");
  EXPECT_EQ(hall->tiers[0].price, Money{90'000});
  EXPECT_EQ(hall->tiers[1].name, "R \"석\"");
}

TEST(HallCsv, NamesLineAndColumnOfAFault) {
  struct Bad {
    const char* line;
    const char* fault;
  };
  for (const Bad& bad : std::initializer_list<Bad>{
           {"F,A,2,x,20,VIP,\n", "line 3, x: 'x' is no number"},
           {"F,A,2,,20,VIP,\n", "line 3, x: '' is no number"},
           {"F,A,2,1,nan,VIP,\n", "line 3, y: 'nan' is no number"},
           {"F,A,2,1,1e99,VIP,\n", "line 3, y: is out of range"},
           {"F,A,2,1,1,,\n", "line 3, tier: is empty"},
           {"F,A,2,1,1,VIP,1.5\n", "line 3, price: '1.5' is no whole number"},
           {"F,A,2,1,1,VIP,-1\n", "line 3, price: '-1' is no whole number"},
           {"F,A,2,1,1,VIP,4\n", "line 3, price: tier 'VIP' has two prices, 3 and 4"},
           {"F,A,1,1,1,VIP,3\n", "line 3, seat: 'F/A/1' is a duplicate of line 2"},
           {"F,A,2,1,1\n", "line 3: has 5 fields, the header 7"},
       }) {
    const auto hall = read_hall_csv(
        std::string("section,row,seat,x,y,tier,price\nF,A,1,0,0,VIP,3\n") + bad.line, "x");
    ASSERT_FALSE(hall) << bad.line;
    EXPECT_EQ(hall.code(), Code::validation_failed) << bad.line;
    EXPECT_THAT(hall.error().detail, HasSubstr(bad.fault));
  }
}

TEST(HallCsv, NeedsItsHeaderAndASeat) {
  const auto no_header = read_hall_csv("F,A,1,0,0,VIP\n", "x");
  ASSERT_FALSE(no_header);
  EXPECT_THAT(no_header.error().detail, HasSubstr("section: the column is missing"));
  const auto twice = read_hall_csv("section,row,seat,x,y,tier,x\n", "x");
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error().detail, HasSubstr("x: the column comes twice"));
  EXPECT_FALSE(read_hall_csv("", "x"));
  EXPECT_FALSE(read_hall_csv("section,row,seat,x,y,tier\n", "x"));
  EXPECT_FALSE(read_hall_csv("section,row,seat,x,y,tier\nF,A,1,0,0,V\nF,A,2,0,0,V\n", "x",
                             {.seats_max = 1}));
}

TEST(HallCsv, ReadingWhatWasWrittenGivesTheSameSeats) {
  catalog::Hall hall = plain_hall(3, 4);
  hall.sections[0].rows[1].seats[2].wheelchair = true;
  hall.sections[0].rows[1].seats[3].number = "3, \"left\"";
  const auto again = read_hall_csv(write_hall_csv(hall), hall.name);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->sections[0].rows, hall.sections[0].rows);
  EXPECT_EQ(again->tiers[1].price, hall.tiers[1].price);
  EXPECT_EQ(write_hall_csv(*again), write_hall_csv(hall));
}

TEST(Prices, OneOnTheCommandLine) {
  EXPECT_EQ(*read_price_argument("Kategorie I=45000"),
            (catalog::TierPrice{"Kategorie I", Money{45'000}}));
  EXPECT_EQ(read_price_argument("a=b=1")->tier, "a=b");
  for (const std::string_view bad :
       {"", "A", "A=", "=5", "A=-1", "A=1.5", "A=1x", "A=99999999999999999999"}) {
    EXPECT_FALSE(read_price_argument(bad)) << bad;
  }
}

TEST(Prices, AFileOfThem) {
  const std::vector<catalog::TierPrice> wanted = {{"A", Money{1}}, {"B,b", Money{2}}};
  EXPECT_EQ(*read_prices_file(R"( {"A": 1, "B,b": 2})"), wanted);
  EXPECT_EQ(*read_prices_file("name,price\nA,1\n\"B,b\",2\n"), wanted);
  EXPECT_EQ(*read_prices_file("A,1\r\n\"B,b\",2"), wanted);
  for (const std::string_view bad : {"{", R"({"A":"1"})", R"({"A":-1})", "A", "A,1,2", "A,x"}) {
    EXPECT_FALSE(read_prices_file(bad)) << bad;
  }
}

}  // namespace
}  // namespace onsale::codec
