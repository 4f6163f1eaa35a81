"""Each gateway against the bank that the sandbox plays from the documents: a visit, its oddities and its traps."""

import itertools

import pytest
import requests

import config
from gateways.banks import chosen
from gateways.banks.base import Order, Status
from gateways.errors import GatewayError, Refused, Temporary, Unanswered

CODES = ("sadad", "sep", "mellat", "zarinpal")
RIALS = 500_000
NUMBERS = itertools.count(71)
each_bank = pytest.mark.parametrize("code", CODES)


class Shop:
    """A merchant at one bank: `order` is its visit, as far as it knows it."""

    def __init__(self, sandbox, code, **settings):
        kept = config.load({"DOREH_MODE": "test", **sandbox.bank_settings(code), **settings})
        self.sandbox, self.code, self.bank = sandbox, code, chosen.built(kept)[code]
        self.number = next(NUMBERS)
        self.token = self.bank.request(self.number, RIALS, f"http://127.0.0.1:8000/pay/callback/{code}")
        self.order = Order(self.number, RIALS, self.token.value)

    def pay(self, outcome="pay"):
        """Choose for the payer and come back, if that is the way of it; what was brought."""
        back = self.sandbox.pay(self.code, outcome, token=self.token.value)
        if outcome == "lost":
            return None
        query = requests.utils.urlparse(back["url"]).query
        fields = back["fields"] or dict(each.split("=", 1) for each in query.split("&"))
        came = self.bank.returned(fields)
        self.order = Order(self.number, RIALS, self.token.value, came.reference)
        return came

    def ended(self, act="verify"):
        """The status and the code of a verdict, or the kind and the code of a failure."""
        try:
            verdict = getattr(self.bank, act)(self.order)
        except GatewayError as error:
            return type(error), error.code
        return verdict.status, verdict.code

    @property
    def state(self):
        return next(row["state"] for row in self.sandbox.payments(self.code) if row["token"] == self.token.value)


@pytest.fixture
def shop(sandbox):
    return lambda code, **settings: Shop(sandbox, code, **settings)


@each_bank
def test_a_visit_is_paid_brought_back_and_taken_once(shop, code):
    visit = shop(code)
    came = visit.pay()
    assert (came.says_paid, came.token in (None, visit.token.value)) == (True, True)
    assert came.order_number == (None if code == "zarinpal" else visit.number)
    first, second = visit.bank.verify(visit.order), visit.bank.verify(visit.order)
    # SEP says the same success each time it is asked: only the merchant can know that it was told before.
    assert (first.status, second.status) == (Status.PAID, Status.PAID if code == "sep" else Status.ALREADY)
    assert first.reference == second.reference == visit.sandbox.payments(code)[0]["reference"]
    assert first.amount_rials == (None if code == "mellat" else RIALS)
    assert visit.state == ("settled" if code == "mellat" else "verified")


@each_bank
def test_the_way_to_the_page_is_the_one_the_bank_opens(shop, code):
    visit = shop(code)
    way = visit.bank.redirect(visit.token.value)
    assert way == visit.token.redirect
    page = requests.request(way.method, way.url, data=way.fields, timeout=60)
    assert page.status_code == 200
    assert "انصراف" in page.text
    assert way.url.startswith(f"{visit.bank.origin}/")


@each_bank
@pytest.mark.parametrize("outcome", ["cancel", "refused", "forged"])
def test_what_was_not_paid_is_not_shown_to_be_paid_whatever_the_browser_says(shop, code, outcome):
    visit = shop(code)
    assert visit.pay(outcome).says_paid == (outcome == "forged")
    told = {visit.bank.verify(visit.order).status, visit.bank.inquire(visit.order).status}
    assert told <= {Status.UNPAID}


@each_bank
def test_a_visit_still_at_the_bank_is_neither_paid_nor_over(shop, code):
    visit = shop(code)
    assert visit.bank.inquire(visit.order).status in (Status.UNPAID, Status.PENDING)
    assert visit.pay().says_paid


@each_bank
def test_a_visit_whose_way_back_was_lost_is_found_by_asking_where_the_bank_can_be_asked(shop, code):
    visit = shop(code)
    visit.pay("lost")
    assert visit.bank.inquire(visit.order).status in (Status.PAID, Status.ALREADY) or code == "mellat"
    found = visit.bank.verify(visit.order)
    if code == "mellat":  # by a reference that only the browser brings
        assert (found.status, found.code, visit.state) == (Status.UNPAID, "no_reference", "paid")
    else:
        assert found.reference == visit.sandbox.payments(code)[0]["reference"]
        assert visit.state == "verified"


@each_bank
def test_an_answer_that_was_lost_is_told_as_taken_before(shop, code):
    visit = shop(code)
    visit.pay("unheard")
    with pytest.raises(Unanswered):
        visit.bank.verify(visit.order)
    told = visit.bank.verify(visit.order)
    assert told.status in (Status.PAID, Status.ALREADY)
    assert told.reference == visit.sandbox.payments(code)[0]["reference"]
    assert visit.state == ("settled" if code == "mellat" else "verified")


@each_bank
def test_already_verified_is_told_as_such_from_the_first_time(shop, code):
    visit = shop(code)
    visit.pay("already")
    told = visit.bank.verify(visit.order)
    assert (told.status, told.reference is None) == (Status.ALREADY, False)


@each_bank
def test_a_page_with_status_200_is_no_answer_and_nothing_was_taken(shop, code):
    visit = shop(code)
    visit.pay("html")
    assert visit.ended()[0] is Unanswered
    assert visit.state == "paid"
    assert visit.ended()[0] is Status.PAID


@each_bank
def test_silence_is_no_answer_until_the_bank_speaks_again(shop, code):
    visit = shop(code, PAYMENT_TIMEOUT_S="0.4")
    visit.pay("silent")
    assert visit.ended() == (Unanswered, "timeout")
    visit.sandbox.bank("odd", bank=code, token=visit.token.value, odd="")
    assert shop(code).bank.verify(visit.order).status in (Status.PAID, Status.ALREADY)


@each_bank
def test_another_amount_is_told_by_the_bank_and_given_back_where_it_can_be(shop, code):
    visit = shop(code)
    came = visit.pay("wrong")
    told = visit.bank.verify(visit.order)
    if code == "mellat":  # tells no amount: only the browser brings one, and anybody may write it
        assert (told.status, told.amount_rials, came.amount_rials) == (Status.PAID, None, RIALS // 10)
        return
    assert (told.status, told.amount_rials) == (Status.PAID, RIALS // 10)
    back = {"sadad": (Refused, "no_reverse"), "sep": (Status.REVERSED, "0"), "zarinpal": (Status.REVERSED, "100")}
    assert visit.ended("reverse") == back[code]


@pytest.mark.parametrize("code", ["sadad", "sep"])
def test_a_yes_without_an_amount_is_no_answer(shop, code):
    visit = shop(code)
    visit.pay("no_amount")
    assert visit.ended() == (Unanswered, "no_amount")


def test_sep_confirms_the_reference_of_an_earlier_payment_so_that_only_the_merchant_can_refuse_it(shop):
    first, second = shop("sep"), shop("sep")
    first.pay()
    taken = first.bank.verify(first.order)
    assert second.pay("duplicate").says_paid
    again = second.bank.verify(second.order)
    assert (again.status, again.reference, again.amount_rials) == (Status.PAID, taken.reference, RIALS)
    assert second.state != "verified"


@each_bank
def test_after_the_banks_own_time_the_money_has_gone_back(shop, code):
    visit = shop(code)
    visit.pay()
    visit.sandbox.bank("age", bank=code, token=visit.token.value, minutes=45)
    told = {"sadad": (Status.UNPAID, "101"), "sep": (Status.REVERSED, "-6"), "mellat": (Status.REVERSED, "48")}
    if code == "zarinpal":  # gives nothing back by itself: it stands in a list until somebody takes it
        assert visit.bank.unverified() == {visit.token.value: RIALS}
        assert visit.ended() == (Status.PAID, "100")
        assert visit.bank.unverified() == {}
    else:
        assert visit.ended() == told[code]


@each_bank
def test_money_is_given_back_within_the_banks_time_and_once(shop, code):
    visit = shop(code)
    visit.pay()
    visit.bank.verify(visit.order)
    late = shop(code)
    late.pay()
    late.bank.verify(late.order)
    late.sandbox.bank("age", bank=code, token=late.token.value, minutes=200)
    assert late.ended("reverse")[0] is Refused
    if code != "sadad":
        assert visit.ended("reverse")[0] is Status.REVERSED
        assert visit.state == "reversed"
        assert visit.ended("reverse")[0] in (Status.REVERSED, Refused)


@pytest.mark.parametrize(("code", "says"), [("sadad", "1011"), ("mellat", "41")])
def test_an_order_number_is_taken_once(shop, code, says):
    visit = shop(code)
    with pytest.raises(Refused, match=says):
        visit.bank.request(visit.number, RIALS, "http://127.0.0.1:8000/pay/callback/x")


@pytest.mark.parametrize(("code", "name"), [
    ("sadad", "PAYMENT_SADAD_TERMINAL"), ("sep", "PAYMENT_SEP_TERMINAL"), ("mellat", "PAYMENT_MELLAT_PASSWORD"),
    ("zarinpal", "PAYMENT_ZARINPAL_MERCHANT"),
])  # fmt: skip
def test_a_setting_that_the_bank_does_not_know_is_for_the_operator_and_the_next_gateway_takes_over(shop, code, name):
    with pytest.raises(Temporary):
        shop(code, **{name: "1"})
