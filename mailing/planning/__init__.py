"""From approved paper to envelopes: candidates, holds, days, the plan written down."""
