"""A made-up floor for tests of pacing: it does what a list of steps says, and tells the pacer."""

from callside.dialer.pacing.model import Known, PacingSettings

__all__ = ["Known", "PacingSettings", "TinyFloor"]


class TinyFloor:
    """Lines and agents by number, as a floor would keep them; every step is legal or does nothing."""

    def __init__(self, pacer, agents, now=0):
        self.pacer, self.now = pacer, now
        self.ready, self.talking, self.wrapping, self.away = [], [], [], []
        self.ringing, self.waiting = [], []
        self.launched = 0
        self.asked = []
        for number in range(agents):
            self.make_ready(f"a{number}")

    def make_ready(self, agent):
        self.ready.append(agent)
        self.pacer.agent_ready(agent, self.now)
        if self.waiting:
            self.connect(self.waiting.pop(0))

    def connect(self, line):
        agent = self.ready.pop(0)
        self.talking.append(agent)
        self.pacer.call_connected(line, self.now)
        self.pacer.agent_talking(agent, self.now)

    def ask(self):
        count = self.pacer.lines_to_launch(self.now)
        self.asked.append((self.now, count, self.pacer.next_due(self.now)))
        for _ in range(count):
            self.launched += 1
            self.ringing.append(f"l{self.launched}")
            self.pacer.line_launched(f"l{self.launched}", self.now)
        return count

    def step(self, what, which, passed):
        """One thing happens ``passed`` ms later; ``which`` picks the line or agent."""
        self.now += passed
        getattr(self, f"_{what}")(which)

    def _nothing(self, which):
        pass

    def _answer(self, which):
        if self.ringing:
            line = self.ringing.pop(which % len(self.ringing))
            self.pacer.line_answered(line, self.now)
            self.waiting.append(line)
            if self.ready:
                self.connect(self.waiting.pop(0))

    def _fail(self, which):
        if self.ringing:
            self.pacer.line_ended(self.ringing.pop(which % len(self.ringing)), self.now)

    def _give_up(self, which):
        if self.waiting:
            self.pacer.call_abandoned(self.waiting.pop(0), self.now)

    def _hang_up(self, which):
        if self.talking:
            agent = self.talking.pop(which % len(self.talking))
            self.wrapping.append(agent)
            self.pacer.agent_wrapping(agent, self.now)

    def _wrap_up(self, which):
        if self.wrapping:
            self.make_ready(self.wrapping.pop(which % len(self.wrapping)))

    def _leave(self, which):
        if self.ready:
            agent = self.ready.pop(which % len(self.ready))
            self.away.append(agent)
            self.pacer.agent_leaving(agent, self.now)

    def _come_back(self, which):
        if self.away:
            self.make_ready(self.away.pop(which % len(self.away)))


STEPS = ("nothing", "answer", "fail", "fail", "give_up", "hang_up", "wrap_up", "leave", "come_back")
