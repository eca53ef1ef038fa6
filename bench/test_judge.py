"""Tests of the judge: python -m unittest bench.test_judge"""

import unittest
from dataclasses import replace

from .harness.asking import Asked
from .harness.emulator import Message
from .harness.judge import Evidence, Verdict, judge

QUESTION = Asked(number=1, person="U0P1", channel="C0L1", ts="100.000000", thread="100.000000")
ANSWER = Message(
    ts="101.000000", channel="C0L1", text="All runs, nr-000001.", is_bot=True, thread="100.000000",
    edited="103.500000", only_for=None, question="Q1", part=0)
PROGRESS = replace(ANSWER, text=":hourglass_flowing_sand: _Omni is thinking…_", edited=None)
FAILURE = replace(ANSWER, text=":warning: Omni was stopped.")
WELL = Evidence(
    asked=[QUESTION], messages=[ANSWER], acknowledged={("C0L1", "100.000000")},
    stored={("C0L1", "100.000000"): "Q1"}, audit_rows={"Q1": 1})


def judged(**changes: object) -> Verdict:
    return judge(replace(WELL, **changes))


class JudgeTests(unittest.TestCase):
    def test_an_answered_question_is_well(self) -> None:
        verdict = judged()
        self.assertEqual((verdict.accepted, verdict.answered, verdict.told), (1, 1, 0))
        self.assertEqual((verdict.misses, verdict.is_quiet), ([], True))
        self.assertEqual((verdict.first_signs, verdict.endings), ({1: 1.0}, {1: 3.5}))

    def test_an_ending_in_other_words_is_told(self) -> None:
        verdict = judged(messages=[FAILURE])
        self.assertEqual((verdict.answered, verdict.told, verdict.misses), (0, 1, []))

    def test_a_whisper_tells_one_question_only(self) -> None:
        whisper = replace(FAILURE, only_for="U0P1", question=None)
        later = replace(QUESTION, number=2, ts="100.500000")
        stored = WELL.stored | {("C0L1", "100.500000"): "Q2"}
        verdict = judged(asked=[QUESTION, later], messages=[whisper], stored=stored, audit_rows={"Q1": 1, "Q2": 1})
        self.assertEqual((verdict.told, len(verdict.lost)), (1, 1))

    def test_a_whisper_that_a_question_waits_is_no_ending(self) -> None:
        whisper = replace(PROGRESS, only_for="U0P1", question=None)
        verdict = judged(messages=[whisper])
        self.assertEqual((verdict.told, len(verdict.lost)), (0, 1))

    def test_silence_is_a_loss_once_it_was_accepted(self) -> None:
        self.assertEqual(len(judged(messages=[]).lost), 1)
        self.assertEqual(len(judged(messages=[], stored={}).lost), 1)
        unheard = judged(messages=[], stored={}, acknowledged=set())
        self.assertEqual((len(unheard.lost), len(unheard.never_accepted), unheard.is_quiet), (0, 1, False))

    def test_a_progress_message_is_left_over(self) -> None:
        verdict = judged(messages=[PROGRESS])
        self.assertEqual((len(verdict.left_over), len(verdict.lost)), (1, 1))
        both = judged(messages=[replace(PROGRESS, ts="100.900000"), ANSWER])
        self.assertEqual((len(both.left_over), len(both.lost), len(both.doubled)), (1, 0, 0))

    def test_two_endings_are_one_too_many(self) -> None:
        for second in (ANSWER, FAILURE):
            verdict = judged(messages=[ANSWER, replace(second, ts="102.000000")])
            self.assertEqual(len(verdict.doubled), 1)

    def test_a_second_part_is_no_second_ending(self) -> None:
        self.assertEqual(judged(messages=[ANSWER, replace(ANSWER, ts="102.000000", part=1)]).doubled, [])

    def test_an_answer_in_parts_has_all_words_once(self) -> None:
        first = replace(ANSWER, text="**All** runs,", is_streamed=True)
        rest = replace(ANSWER, ts="102.000000", text="nr-000001.", part=1)
        both = judged(messages=[rest, first], answer="All *runs*, nr-000000.")
        self.assertEqual((both.answered, both.mended, both.misses), (1, 1, []))
        for messages in ([rest], [first, rest, replace(rest, ts="103.000000", part=2)]):
            wrong = judged(messages=messages, answer="All runs, nr-000000.")
            self.assertEqual((len(wrong.misworded), len(wrong.misses), wrong.is_quiet), (1, 1, False))

    def test_what_people_read_counts_and_not_the_notification(self) -> None:
        long = replace(ANSWER, text="All", markdown="All runs, nr-000001.")
        self.assertEqual(judged(messages=[long], answer="All runs, nr-000000.").misses, [])

    def test_answers_are_counted_by_how_they_were_shown(self) -> None:
        stream = replace(ANSWER, is_streamed=True)
        for message, counts in ((stream, (1, 0, 0)), (replace(stream, is_edited=True), (0, 1, 0)), (ANSWER, (0, 0, 1))):
            verdict = judged(messages=[message])
            self.assertEqual((verdict.streamed, verdict.mended, verdict.edited), counts)

    def test_a_stream_that_does_not_end_is_left_over(self) -> None:
        for unfinished in (replace(ANSWER, is_streaming=True), replace(ANSWER, has_running_card=True)):
            verdict = judged(messages=[unfinished])
            self.assertEqual((len(verdict.left_over), len(verdict.lost), verdict.answered), (1, 1, 0))

    def test_a_message_that_shows_cards_only_is_no_ending(self) -> None:
        cards = replace(ANSWER, ts="100.900000", text="", is_streamed=True)
        self.assertEqual(len(judged(messages=[cards]).lost), 1)
        self.assertEqual(judged(messages=[cards, replace(ANSWER, part=1)]).misses, [])

    def test_words_count_where_metadata_is_missing(self) -> None:
        twice = [ANSWER, replace(ANSWER, ts="102.000000", question=None)]
        self.assertEqual(len(judged(messages=twice).doubled), 1)

    def test_audit_rows_are_exactly_one(self) -> None:
        for rows in (0, 2):
            self.assertEqual(len(judged(audit_rows={"Q1": rows}).wrongly_recorded), 1)

    def test_what_is_written_is_written_once(self) -> None:
        writing = {"asked": [replace(QUESTION, writes=True)], "note_calls": {"Q1": ["succeeded"]}}
        well = judged(**writing, notes=["nr-000001"])
        self.assertEqual((well.writing, well.notes, well.note_calls), (1, 1, {"succeeded": 1}))
        self.assertEqual(well.misses, [])
        twice = judged(**writing, notes=["nr-000001", "nr-000002", "nr-000001"])
        self.assertEqual((twice.written_twice, len(twice.misses)), (["nr-000001 2 times"], 1))

    def test_a_call_that_succeeded_left_its_note(self) -> None:
        writing = [replace(QUESTION, writes=True)]
        missing = judged(asked=writing, note_calls={"Q1": ["succeeded"]})
        self.assertEqual((len(missing.note_missing), len(missing.misses)), (1, 1))
        for status in ("unknown", "failed", "denied"):
            self.assertEqual(judged(asked=writing, note_calls={"Q1": [status]}).misses, [])
        silent = judged(asked=writing, note_calls={"Q1": ["succeeded"]}, messages=[])
        self.assertEqual((silent.note_missing, len(silent.lost)), ([], 1))

    def test_a_bad_stop_is_a_miss(self) -> None:
        self.assertEqual(replace(judged(), bad_stops=["one ended with 1"]).misses, ["1 bad stops: one ended with 1"])

    def test_the_longest_silence_ends_with_the_first_sign(self) -> None:
        late = replace(QUESTION, number=2, ts="100.500000", person="U0P2")
        stored = WELL.stored | {("C0L1", "100.500000"): "Q2"}
        whisper = replace(FAILURE, ts="107.500000", edited=None, only_for="U0P2", question=None)
        verdict = judged(asked=[QUESTION, late], messages=[ANSWER, whisper], stored=stored)
        self.assertEqual(verdict.longest_silence, 7.0)
        self.assertEqual((judged().longest_silence, judged(messages=[]).longest_silence), (1.0, 0.0))

    def test_what_people_say_is_no_answer(self) -> None:
        self.assertEqual(len(judged(messages=[replace(ANSWER, is_bot=False)]).lost), 1)


if __name__ == "__main__":
    unittest.main()
