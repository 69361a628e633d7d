import time
import pytest
from callside.demo.numbers import far_side as far_side_of
from tests.browser.sound import FAR_HZ
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
TONE = far_side_of("tone").number
async def test_scratch(desk):
    asha = await desk.log_in("asha")
    await asha.keep_listening(60)
    marks=[]; t0=time.time()
    for n in range(5):
        await asha.dial(TONE); await asha.is_in_state("On a call"); a=time.time()-t0
        await asha.listen([3.0,1.0,2.0,1.0,1.5][n]); await asha.hang_up(); marks.append((round(a,1),round(time.time()-t0,1)))
        await asha.wrap_up("Resolved")
        await asha.is_in_state("Ready")
    s=await asha.kept()
    print('SCRATCH',marks,s.runs(FAR_HZ),s.seconds)
